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

/** @throws HearthError `resource_exhausted` when what the job writes does not fit on the disk now */
export async function checkDisk(
  artifacts: Pick<TrainingRooms["artifacts"], "archiveFolder">,
  diskBytes: number,
): Promise<void> {
  // The folder of all versions; jobs work on the same disk.
  const folder = dirname(artifacts.archiveFolder("any"));
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (diskBytes <= free) return;
  throw new HearthError(
    "resource_exhausted",
    `the job may need ${megabytes(diskBytes)} on the disk of ${folder} and ${megabytes(free)} are free; make room and start it again`,
    { details: { needed_bytes: diskBytes, available_bytes: free } },
  );
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
