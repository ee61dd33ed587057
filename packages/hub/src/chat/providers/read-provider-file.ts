import { lstat, open, readFile, stat } from "node:fs/promises";

/** A file with providers has kilobytes. */
export const providerFileLimit = 2 ** 20;

/** Changes within the same tick of the file system's clock cannot be told apart by its time. */
const clockTickMs = 100;

/** Why a file cannot be read, in words that go on after "it". */
export class FileRefused extends Error {
  override readonly name = "FileRefused";
}

/** The text of the file; null where there is none. Throws FileRefused. */
export async function readProviderFile(path: string): Promise<string | null> {
  try {
    // Looked at before it is opened: a pipe would be waited for without end.
    if (!(await stat(path)).isFile()) throw new FileRefused("is no file");
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > providerFileLimit)
        throw new FileRefused(`has ${size} bytes; at most ${providerFileLimit} are read`);
      return (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      if (!(await isLink(path))) return null;
      throw new FileRefused("is a link to something that is not there", { cause: error });
    }
    if (code === "EACCES" || code === "EPERM")
      throw new FileRefused("may not be read by the user that Hearth runs as; chmod 600, or chown it", {
        cause: error,
      });
    if (code === "ELOOP") throw new FileRefused("is a link that leads to itself", { cause: error });
    throw error;
  }
}

/** Changes whenever the file does; null while it cannot be told yet. */
export async function stampOf(path: string, now: number = Date.now()): Promise<string | null> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    const changed = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
    if (Math.abs(now - changed) < clockTickMs) return null;
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return `${codeOf(error)} ${await isLink(path)}`;
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    // Not even a link is there, or its folder may not be entered.
    return false;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
