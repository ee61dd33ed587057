import { lstat, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from "node:path";
import { HearthError } from "../../errors.ts";
import { fileErrorCode } from "./errors.ts";

/** True when `path` is `root` or below it; both absolute and without symbolic links. */
export function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/**
 * The real path of something that exists, if it lies in one of the allowed folders after every
 * symbolic link is followed. A relative path counts from the current folder, `~/` from the user's home.
 *
 * @throws HearthError `path_not_allowed` when it lies elsewhere (also when it does not exist there: what
 * exists outside is not told), `not_found` when it would be allowed and is missing.
 */
export async function resolveInside(path: string, roots: readonly string[]): Promise<string> {
  if (path === "" || path.includes("\0")) throw notAllowed(path, roots);
  const asked = path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(path);
  const realRoots = await Promise.all(roots.map(async (root) => await realOrSelf(root)));
  const inRoots = (candidate: string) => realRoots.some((root) => isInside(candidate, root));
  let real: string;
  try {
    real = await realpath(asked);
  } catch (error) {
    const code = fileErrorCode(error);
    const missing = code === "ENOENT" || code === "ENOTDIR";
    if (missing && inRoots(await nearestExisting(asked))) {
      throw new HearthError("not_found", `There is no file or folder ${asked}. Check the path.`, {
        cause: error,
        details: { path: asked },
      });
    }
    throw notAllowed(path, roots, error);
  }
  if (!inRoots(real)) throw notAllowed(path, roots);
  return real;
}

/** The real path of the nearest folder above that exists; of a link that leads nowhere, the root folder. */
async function nearestExisting(path: string): Promise<string> {
  for (let current = path; ; current = dirname(current)) {
    try {
      return await realpath(current);
    } catch {
      const link = await lstat(current).then(
        (found) => found.isSymbolicLink(),
        () => false,
      );
      if (link || dirname(current) === current) return parse(current).root;
    }
  }
}

function notAllowed(path: string, roots: readonly string[], cause?: unknown): HearthError {
  return new HearthError(
    "path_not_allowed",
    `The path ${JSON.stringify(path)} is not inside a folder that Hearth may read (${roots.join(", ")}). ` +
      `Move the file there, or add its folder to HEARTH_DATA_PATHS.`,
    { cause, details: { path, allowed: [...roots] } },
  );
}

async function realOrSelf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // A root that does not exist yet allows nothing by itself; the text stays for the message.
    return resolve(path);
  }
}
