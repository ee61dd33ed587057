import { lstat, mkdir, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { dirname } from "node:path";
import { started, type Listening } from "./listening.ts";
import { alone } from "./place-lock.ts";
import { accepts } from "./probe.ts";
import { ListenRefused } from "./refused.ts";

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, one of them a zero. */
const longestPath = process.platform === "darwin" ? 103 : 107;

/**
 * Listens on a Unix socket that only its owner may use, from its first moment on. A socket where somebody listens is
 * left alone; one that a dead process left is replaced.
 */
export async function listenOnSocket(server: Server, path: string): Promise<Listening> {
  const length = Buffer.byteLength(path);
  if (length > longestPath)
    throw new ListenRefused(
      `The path of the socket has ${length} bytes, the system allows ${longestPath}: ${path}. Set HEARTH_CHAT_SOCKET to a shorter one.`,
    );
  await ownFolder(dirname(path));
  await alone(path, async () => {
    if (await taken(server, path)) {
      await removeStale(path);
      if (await taken(server, path)) throw inUse(path);
    }
    await requireOwnMode(server, path);
  });
  // Closing the server removes the socket; what stands there after that is a successor's.
  return { address: { kind: "socket", path }, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Some file systems, of network drives for one, give every file the same mode. */
async function requireOwnMode(server: Server, path: string): Promise<void> {
  const { mode } = await lstat(path);
  if ((mode & 0o777) === 0o600) return;
  server.close();
  throw new ListenRefused(
    `The socket ${path} has the mode ${(mode & 0o777).toString(8)} instead of 600: its file system does not keep modes. Set HEARTH_CHAT_SOCKET to a folder on another one.`,
  );
}

/** Tries to listen; true when a file is there already. */
async function taken(server: Server, path: string): Promise<boolean> {
  // The socket is made within `listen`, with a mode that this mask leaves: there is no moment with another one.
  const mask = process.umask(0o177);
  try {
    await started(server, () => {
      server.listen(path);
      process.umask(mask);
    });
    return false;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return true;
    throw new ListenRefused(`The socket ${path} cannot be made: ${String(error)}`, { cause: error });
  } finally {
    process.umask(mask);
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket())
    throw new ListenRefused(
      `${path} is there and is no socket; it is left alone. Remove it, or set HEARTH_CHAT_SOCKET to another path.`,
    );
  if (await isLive(path)) throw inUse(path);
  await rm(path, { force: true });
}

async function isLive(path: string): Promise<boolean> {
  try {
    return await accepts({ path });
  } catch (error) {
    throw new ListenRefused(`Whether somebody listens on ${path} cannot be told: ${String(error)}`, {
      cause: error,
    });
  }
}

function inUse(path: string): ListenRefused {
  return new ListenRefused(
    `Another process listens on ${path}; it is left alone. Stop it, or set HEARTH_CHAT_SOCKET to another path.`,
  );
}

/** The folder of the socket: made where it is missing, refused where somebody else could put a socket of theirs. */
async function ownFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ListenRefused(`The folder of the socket, ${folder}, cannot be made: ${String(error)}`, {
      cause: error,
    });
  }
  const { uid, mode } = await lstat(folder);
  const self = process.getuid?.() ?? uid;
  const sticky = (mode & 0o1000) !== 0;
  if (uid !== self && !sticky)
    throw new ListenRefused(
      `The folder of the socket, ${folder}, belongs to the user ${uid} and not to you (${self}). Set HEARTH_CHAT_SOCKET to a folder of your own.`,
    );
  if ((mode & 0o022) !== 0 && !sticky)
    throw new ListenRefused(
      `Others may write to the folder of the socket, ${folder} (mode ${(mode & 0o777).toString(8)}). Take that right away, or set HEARTH_CHAT_SOCKET to another folder.`,
    );
}
