import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { hashFile } from "../artifacts/fs/hash.ts";
import { HearthError } from "../errors.ts";
import type { TrainingRooms } from "./dependencies.ts";
import type { QueuedJob } from "./queue.ts";
import type { TrainingSpecification } from "./trainers/trainer.ts";

/** A repetition is one only with the same files. */
export async function checkInputs(
  job: QueuedJob,
  artifacts: TrainingRooms["artifacts"],
  signal: AbortSignal,
): Promise<void> {
  for (const input of job.specification.inputs) {
    const path = artifacts.fromStored(input.path);
    const found = await hashFile(path, signal).catch((error: unknown) => {
      if (fileErrorCode(error) === "ENOENT") return null;
      throw error;
    });
    if (found !== input.sha256) {
      throw new HearthError(
        "training_failed",
        `${path} is not what the version was made from (${found === null ? "it is missing" : `its sha256 is ${found}`}, expected ${input.sha256}), so the training cannot be repeated`,
        {
          details: { path, found, expected: input.sha256 },
        },
      );
    }
  }
}

/** The specification with paths as they are on this machine: a home folder may have been moved. */
export function withRealPaths(
  specification: TrainingSpecification,
  { fromStored }: TrainingRooms["artifacts"],
): TrainingSpecification {
  const { base, dataset } = specification;
  return {
    ...specification,
    base: base === null ? null : { ...base, path: fromStored(base.path) },
    dataset: {
      ...dataset,
      train: fromStored(dataset.train),
      validation: dataset.validation === null ? null : fromStored(dataset.validation),
    },
  };
}
