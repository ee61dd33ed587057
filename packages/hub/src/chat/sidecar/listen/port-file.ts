import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";

export interface PortFile {
  port: number;
  pid: number;
}

/** Writes the port in the first line and the process in the second: never half of it, never readable by others. The folder is there. */
export async function writePortFile(path: string, { port, pid }: PortFile): Promise<void> {
  const incoming = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    const file = await open(incoming, "wx", 0o600);
    try {
      await file.writeFile(`${port}\n${pid}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(incoming, path);
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

/** What a port file says, and whether its process is there still; null where there is none, or none that makes sense. */
export async function readPortFile(path: string): Promise<(PortFile & { alive: boolean }) | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const [port = 0, pid = 0] = text.split("\n").map(Number);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return null;
  return { port, pid, alive: Number.isInteger(pid) && pid > 0 && isAlive(pid) };
}

/** Removes it where it still tells of this process. */
export async function removePortFile(path: string, pid: number): Promise<void> {
  if ((await readPortFile(path))?.pid === pid) await rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
