import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createTurns } from "../artifacts/fs/turns.ts";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { namesIn } from "../artifacts/fs/names.ts";
import { diskError, freeOnDisk } from "./checks/check-resources.ts";

interface Reservation {
  bytes: number;
  folder: string;
}

/** How often the disk is looked at again while another job holds what is missing. */
const pollMs = 1_000;

/** What running jobs may still write, kept for them: a job begins only when there is room beside what the others were promised. */
export class DiskReservations {
  readonly #reserved = new Map<string, Reservation>();
  /** One decision after the other: two jobs must not be promised the same room. */
  readonly #decisions = createTurns();
  readonly #freeBytes: (folder: string) => Promise<number>;

  constructor(freeBytes: (folder: string) => Promise<number> = freeOnDisk) {
    this.#freeBytes = freeBytes;
  }

  /**
   * Keeps `bytes` for the files of a job; what its folder holds already counts. Waits while only the promises to
   * other jobs are in the way.
   * @throws HearthError `resource_exhausted` with needed and free bytes
   */
  async reserve(
    jobId: string,
    { bytes, folder }: Reservation,
    signal: AbortSignal,
    onWait: (line: string) => void = () => undefined,
  ): Promise<void> {
    for (let turn = 0; ; turn++) {
      const inTheWay = await this.#decisions.run(() => this.#decide(jobId, { bytes, folder }));
      if (inTheWay === null) return;
      if (turn === 0) onWait(inTheWay);
      await delay(pollMs, null, { signal });
    }
  }

  release(jobId: string): void {
    this.#reserved.delete(jobId);
  }

  /** Null when the bytes are kept; else what is waited for. */
  async #decide(jobId: string, { bytes, folder }: Reservation): Promise<string | null> {
    const missing = Math.max(0, bytes - (await bytesIn(folder)));
    const free = await this.#freeBytes(folder);
    if (missing > free) throw diskError(missing, free, folder);
    const promised = await this.outstandingBytes();
    if (missing + promised > free)
      return `waits for room on the disk: needs ${missing} bytes; of ${free} free ones ${promised} are promised to other jobs`;
    this.#reserved.set(jobId, { bytes, folder });
    return null;
  }

  /** Promised and not written yet. */
  async outstandingBytes(): Promise<number> {
    const each = await Promise.all(
      [...this.#reserved.values()].map(async ({ bytes, folder }) =>
        Math.max(0, bytes - (await bytesIn(folder))),
      ),
    );
    return each.reduce((sum, one) => sum + one, 0);
  }
}

/** Of the files that lie in it; a file that goes away meanwhile holds nothing. */
async function bytesIn(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await namesIn(folder)).map(async (name) => {
      try {
        return (await stat(join(folder, name))).size;
      } catch (error) {
        if (fileErrorCode(error) === "ENOENT") return 0;
        throw error;
      }
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
