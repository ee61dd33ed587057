import { stat } from "node:fs/promises";
import type { JobKind } from "@hearth/wire/hub/training";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { hashFile, hashFolder } from "../artifacts/fs/hash.ts";
import { HearthError } from "../errors.ts";
import type { TrainingRooms } from "./dependencies.ts";
import type { StoredSpecification } from "./stored-specification.ts";
import type { TrainingSpecification } from "./trainers/trainer.ts";

/** What another file means for a job of that kind, after what was found of it. */
const consequences: Readonly<Record<JobKind, { is: string; so: string }>> = {
  train: {
    is: "is not what was registered",
    so: "so the version would not be made from what its lineage names; put the file back, or register it anew",
  },
  reproduce: {
    is: "is not what the version was made from",
    so: "so the training cannot be repeated; put the file back",
  },
};

/**
 * A version is made from the files that its lineage names, and a repetition is one only with the same.
 * @throws HearthError `conflict` with the path, what was found and what was expected
 */
export async function checkInputs(
  kind: JobKind,
  inputs: StoredSpecification["inputs"],
  artifacts: Pick<TrainingRooms["artifacts"], "fromStored">,
  signal: AbortSignal,
): Promise<void> {
  for (const input of inputs) {
    const path = artifacts.fromStored(input.path);
    const found = await hashPath(path, signal).catch((error: unknown) => {
      if (fileErrorCode(error) === "ENOENT") return null;
      throw error;
    });
    if (found !== input.sha256) {
      const { is, so } = consequences[kind];
      throw new HearthError(
        "conflict",
        `${path} ${is} (${found === null ? "it is missing" : `its sha256 is ${found}`}, expected ${input.sha256}), ${so}`,
        {
          details: { path, found, expected: input.sha256 },
        },
      );
    }
  }
}

async function hashPath(path: string, signal: AbortSignal): Promise<string> {
  return (await stat(path)).isDirectory() ? hashFolder(path, signal) : hashFile(path, signal);
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
