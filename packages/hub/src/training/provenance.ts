import { arch, platform, release } from "node:os";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { codeState, hardware, type Lineage } from "@hearth/wire/hub/models";
import type { TrainingParameters } from "@hearth/wire/hub/training";
import { z } from "zod";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { version } from "../version.ts";
import { readCodeState } from "./code-state.ts";
import { readHardware } from "./hardware.ts";

/** What a training runs with, beside its specification. */
export const storedProvenance = z.object({
  code: codeState,
  environment: z.record(z.string(), z.string()),
  hardware,
});
export type Provenance = z.infer<typeof storedProvenance>;

export type ReadProvenance = () => Promise<Provenance>;

export interface ProvenanceSources {
  /** The folder of the code and of its package-lock.json. */
  codeFolder: string;
  /** Names of the machine's graphics processors. */
  gpus: () => Promise<string[]>;
}

/** Reads code, programs and machine as they are now. */
export async function readProvenance({ codeFolder, gpus }: ProvenanceSources): Promise<Provenance> {
  const [code, environment, machine] = await Promise.all([
    readCodeState(codeFolder),
    readEnvironment(codeFolder),
    gpus().then(readHardware),
  ]);
  return { code, environment, hardware: machine };
}

/**
 * What beside the specification may change a result: versions of everything that runs, and of the
 * lock file. A trainer adds its own at the end, the lock of another environment (`…_lock_sha256`) too.
 */
export async function readEnvironment(folder: string): Promise<Record<string, string>> {
  const lock = await fileSha256(join(folder, "package-lock.json"));
  return {
    hearth: version,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: platform(),
    release: release(),
    arch: arch(),
    ...(lock === null ? {} : { package_lock_sha256: lock }),
  };
}

/** What a job draws at random, and from which seed. Splits are the dataset's own: its files decide them. */
export function seedsOf({ recipe, seed }: Pick<TrainingParameters, "recipe" | "seed">): Lineage["seeds"] {
  const start = { lora: { lora_init: seed }, pretrain: { weights_init: seed }, full: {} };
  return { data_order: seed, ...start[recipe] };
}

async function fileSha256(path: string): Promise<string | null> {
  try {
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}
