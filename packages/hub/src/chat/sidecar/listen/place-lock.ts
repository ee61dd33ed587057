import { rmdir } from "node:fs/promises";
import { HomeInUseError, lockHome, type HomeLock } from "../../../process/home-lock.ts";
import { hasCode } from "../../../process/identity.ts";
import { ListenRefused } from "./refused.ts";

/** Others that come and go take the folder of the lock away beneath us now and then. */
const attempts = 20;

/**
 * Does something while no other sidecar begins to listen at the same place: between the look whether anybody listens
 * and the listening itself, nobody comes. The lock of a process that is gone does not count.
 *
 * @throws ListenRefused when another one is doing it at this moment.
 */
export async function alone<T>(path: string, act: () => Promise<T>): Promise<T> {
  const folder = `${path}.lock`;
  try {
    await using _lock = await take(folder);
    return await act();
  } catch (error) {
    if (error instanceof ListenRefused) throw error;
    throw new ListenRefused(
      error instanceof HomeInUseError
        ? `Another process begins to listen on ${path} at this moment. Stop it, or choose another path.`
        : `Nothing can be written beside ${path}: ${String(error)}. Choose a path in a folder of your own.`,
      { cause: error },
    );
  } finally {
    // Where another one holds it, that one removes it.
    await rmdir(folder).catch(() => undefined);
  }
}

async function take(folder: string): Promise<HomeLock> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await lockHome(folder);
    } catch (error) {
      if (attempt === attempts || !hasCode(error, "ENOENT")) throw error;
    }
  }
}
