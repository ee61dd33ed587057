import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { trainingSample } from "@hearth/wire/hub/training";
import type { TrainingSample } from "@hearth/wire/hub/training";
import { z } from "zod";
import { HearthError } from "../../../../errors.ts";
import {
  readSafetensorsHeader,
  readSafetensor,
  writeSafetensors,
} from "../../../../model-files/safetensors.ts";
import { metricPoint } from "../../../trainer-messages.ts";
import { wentBackSchema } from "../../divergence.ts";
import type { WentBack } from "../../divergence.ts";
import type { MetricPoint } from "../../trainer.ts";
import type { TrainingProgram } from "../program.ts";

/** How far a run is. Order of the data and random numbers follow from the seed and the step. */
export interface RunRecord {
  /** Optimizer steps done. */
  step: number;
  firstLoss: number | null;
  lastLoss: number | null;
  validationLoss: number | null;
  /** Inputs that were not padding. */
  trainedTokens: number;
  /** Null: it never diverged. */
  wentBack: WentBack | null;
}

/** What was told last before a checkpoint, oldest first: who listened may have been killed before writing it down. */
export interface Told {
  metrics: readonly MetricPoint[];
  samples: readonly TrainingSample[];
}

/** What a checkpoint holds beside the program's state. */
export interface Restored extends Told {
  record: RunRecord;
}

const untouched: RunRecord = {
  step: 0,
  firstLoss: null,
  lastLoss: null,
  validationLoss: null,
  trainedTokens: 0,
  wentBack: null,
};

const recordSchema = z.strictObject({
  step: z.int().min(1),
  firstLoss: z.number().nullable(),
  lastLoss: z.number().nullable(),
  validationLoss: z.number().nullable(),
  trainedTokens: z.int().min(0),
  wentBack: wentBackSchema.nullable().default(null),
});

const namePattern = /^checkpoint-(\d{8})\.safetensors$/;

/**
 * The checkpoints of one run in its attempt's folder: safetensors files with all of the program's
 * state, written under another name, flushed and renamed. Each names the run (`fingerprint`, a hash
 * of what defines it) and the sha256 of its own content.
 */
export class CheckpointFolder {
  readonly #folder: string;
  readonly #fingerprint: string;
  readonly #every: number;

  /** `every`: steps between two checkpoints that are due; others are of interruptions. */
  constructor(folder: string, fingerprint: string, every: number) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
    this.#every = every;
  }

  /**
   * Writes the state after `record.step`. Beside it, one other is left: the newest that was due, which a run that
   * diverges goes back to, and which serves when this one was damaged. Errors: the system's own.
   */
  async save(program: TrainingProgram, record: RunRecord, { metrics, samples }: Told): Promise<void> {
    // Before writing, so that there is never room needed for more than those that are kept.
    const others = await this.#names();
    const keep = others.find((name) => stepOf(name) % this.#every === 0) ?? others[0];
    for (const old of others) if (old !== keep) await rm(join(this.#folder, old), { force: true });
    const state = await program.saveState();
    const name = `checkpoint-${String(record.step).padStart(8, "0")}.safetensors`;
    await writeSafetensors(join(this.#folder, name), {
      metadata: {
        run: this.#fingerprint,
        record: JSON.stringify(record),
        metrics: JSON.stringify(metrics),
        samples: JSON.stringify(samples),
        sha256: contentHash(state),
      },
      tensors: [...state].map(([tensor, data]) => ({
        name: tensor,
        shape: [data.length],
        type: "F32" as const,
        data,
      })),
    });
  }

  /**
   * Loads the newest checkpoint that is whole and belongs to this run into the program; a damaged one
   * is reported by `log` and passed over. Without any, the program is left as it is. None that is of a step after
   * `upTo` is taken.
   */
  async restore(
    program: TrainingProgram,
    log: (line: string) => void,
    upTo = Number.POSITIVE_INFINITY,
  ): Promise<Restored> {
    for (const name of (await this.#names()).filter((one) => stepOf(one) <= upTo)) {
      try {
        const { state, ...restored } = await this.#read(join(this.#folder, name));
        await program.loadState(state);
        log(`Continuing after step ${restored.record.step} from ${name}.`);
        return restored;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log(`${name} cannot be used and is passed over: ${reason}`);
      }
    }
    return { record: untouched, metrics: [], samples: [] };
  }

  /** Removes those of steps after this one: the run does them again, another way. */
  async discardAfter(step: number): Promise<void> {
    for (const name of await this.#names())
      if (stepOf(name) > step) await rm(join(this.#folder, name), { force: true });
  }

  /** Removes all checkpoints: the run is complete. */
  async clear(): Promise<void> {
    for (const name of await this.#names()) await rm(join(this.#folder, name), { force: true });
  }

  async #read(path: string): Promise<Restored & { state: Map<string, Float32Array> }> {
    const header = await readSafetensorsHeader(path);
    const { metadata } = header;
    if (metadata.get("run") !== this.#fingerprint) {
      throw new HearthError("training_failed", "It belongs to a run with another specification.");
    }
    const state = new Map<string, Float32Array>();
    for (const name of header.tensors.keys()) state.set(name, await readSafetensor(header, name));
    if (contentHash(state) !== metadata.get("sha256")) {
      throw new HearthError("training_failed", "Its content does not have the sha256 that it names.");
    }
    const record = recordSchema.parse(JSON.parse(metadata.get("record") ?? "null"));
    const metrics = z.array(metricPoint).parse(JSON.parse(metadata.get("metrics") ?? "[]"));
    const samples = z.array(trainingSample).parse(JSON.parse(metadata.get("samples") ?? "[]"));
    return { record, metrics, samples, state };
  }

  /** Newest first. */
  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder);
    return names
      .filter((name) => namePattern.test(name))
      .toSorted()
      .toReversed();
  }
}

function stepOf(name: string): number {
  return Number(namePattern.exec(name)?.[1] ?? Number.NaN);
}

/** Independent of the order of the tensors, which a file may change. */
function contentHash(state: ReadonlyMap<string, Float32Array>): string {
  const hash = createHash("sha256");
  for (const name of [...state.keys()].toSorted()) {
    const values = state.get(name) ?? new Float32Array();
    hash.update(`${name}:${values.length}\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest("hex");
}
