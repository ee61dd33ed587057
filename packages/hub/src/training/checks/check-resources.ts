import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { HearthError } from "../../errors.ts";
import type { TrainingRooms } from "../dependencies.ts";

/**
 * The largest batch whose estimate is within the budget: 0 when not even one row is. `needs` tells
 * the bytes of a batch and never falls as the batch grows.
 */
export function largestBatch(needs: (batch: number) => number, budget: number, refused: number): number {
  let [fits, fails] = [0, refused];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (needs(middle) <= budget) fits = middle;
    else fails = middle;
  }
  return fits;
}

/** The refusal of a job whose batch cannot fit, with the largest that would. */
export function batchError(
  batch: { size: number; largest: number },
  needed: number,
  available: number,
): HearthError {
  const { size, largest } = batch;
  const what =
    largest === 0
      ? `not even a batch of 1 fits; lower sequence_length, take the recipe 'lora' or a smaller model, or raise HEARTH_MEMORY_LIMIT`
      : `the largest batch that fits is ${largest}; lower batch_size or sequence_length, take the recipe 'lora', or raise HEARTH_MEMORY_LIMIT`;
  return new HearthError(
    "resource_exhausted",
    `batch_size: with ${size} the job needs about ${megabytes(needed)} of memory and ${megabytes(available)} are allowed; ${what}`,
    {
      details: {
        field: "batch_size",
        value: size,
        allowed: largest === 0 ? "no batch: not even 1 fits" : `1 to ${largest}`,
        needed_bytes: needed,
        available_bytes: available,
      },
    },
  );
}

/** The refusal of a job for its memory, with the numbers. */
export function memoryError(needed: number, available: number): HearthError {
  return new HearthError(
    "resource_exhausted",
    `the job needs about ${megabytes(needed)} of memory and ${megabytes(available)} are allowed; lower batch_size or sequence_length, take the recipe 'lora', or raise HEARTH_MEMORY_LIMIT`,
    { details: { needed_bytes: needed, available_bytes: available } },
  );
}

/** The refusal of a job for the disk, with the numbers. */
export function diskError(needed: number, available: number, folder: string): HearthError {
  return new HearthError(
    "resource_exhausted",
    `the job may need ${needed} bytes on the disk of ${folder} and ${available} are free; make room and start it again`,
    { details: { needed_bytes: needed, available_bytes: available } },
  );
}

/** What can still be written on the disk of a folder. */
export async function freeOnDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws HearthError `resource_exhausted` when what the job writes does not fit on the disk now */
export async function checkDisk(
  artifacts: Pick<TrainingRooms["artifacts"], "archiveFolder">,
  diskBytes: number,
): Promise<void> {
  // The folder of all versions; jobs work on the same disk.
  const folder = dirname(artifacts.archiveFolder("any"));
  const free = await freeOnDisk(folder);
  if (diskBytes > free) throw diskError(diskBytes, free, folder);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
