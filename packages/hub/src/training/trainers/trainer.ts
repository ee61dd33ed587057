import type {
  JobProgress,
  RecipeName,
  TrainerDescription,
  TrainerName,
  TrainingParameters,
  TrainingSample,
} from "@hearth/wire/hub/training";
import type { DatasetFormat } from "@hearth/wire/hub/datasets";
import type { JobGuard } from "@hearth/wire/hub/training-queue";
import type { CompleteParameters } from "../parameters.ts";
import type { DecoderShape } from "../../model-files/gguf/decoder-shape.ts";
import type { BaseFigures } from "../base-figures.ts";
import type { Requirements, SizedParameters } from "../requirements.ts";

/** What a version's model file says of itself. */
export type BaseSummary = Readonly<Record<string, string | number | boolean>>;

/** Whether a trainer can run on this machine: what it computes with, or why it cannot and what to do. */
export interface Availability {
  available: boolean;
  found: string;
}

/**
 * One way to train: what it can do, what it needs, and the process that does it. The hub knows trainers by this
 * alone; `trainer-contract.ts` says what their processes must do.
 */
export interface Trainer {
  readonly name: TrainerName;
  /** For a person, such as `ONNX Runtime, embedded`. */
  readonly title: string;
  readonly formats: TrainerDescription["formats"];
  readonly recipes: readonly RecipeName[];
  /** Looks again each time: something may have been installed meanwhile. Quick. */
  availability(): Availability;
  /** Why it cannot start from a base that says this of itself; null when it can. */
  problemWith(base: BaseSummary): string | null;
  /** @throws HearthError `invalid_request` (details: field, value, allowed) for a setting that it does not have */
  check(parameters: CompleteParameters): void;
  /** Whether it can compute layers again in the backward pass, to keep less. */
  readonly recomputes: boolean;
  /** Memory and disk at its peak, estimated before anything is loaded; `figures` are those of the base or of the new model. */
  requirements(
    figures: BaseFigures | { shape: DecoderShape },
    parameters: SizedParameters,
    base: BaseSummary | null,
  ): Requirements;
  /** @throws HearthError `platform_unsupported` when it cannot run here */
  launch(): TrainerLaunch;
}

/**
 * What a trainer child gets: a complete, self-contained specification. Stored as it is
 * with the version, it is what `reproduce` runs again.
 */
export interface TrainingSpecification {
  parameters: TrainingParameters;
  /** Absent for `pretrain`. */
  base: { path: string; sha256: string } | null;
  dataset: { format: DatasetFormat; train: string; validation: string | null };
  /** Name written into a trained model's own metadata. */
  modelName: string;
}

/** What the hub adds for one attempt; not part of what defines the result. */
export interface TrainingAttempt {
  /** Folder in storage/active that belongs to this job; checkpoints and artifacts are written here. */
  folder: string;
  threads: number;
  memoryLimitBytes: number;
}

/** Greedy continuations by the trainer's own forward pass; the engine must give the same tokens. */
export interface Probe {
  promptTokens: number[];
  /** Cut before the first position whose two best logits are closer than the engines' rounding. */
  expectedTokens: number[];
}

export interface TrainingResult {
  /** File names relative to the attempt's folder. The first is what the engine loads. */
  engineFile: string;
  files: string[];
  kind: "full" | "adapter";
  probes: Probe[];
  metrics: {
    first_loss: number;
    last_loss: number;
    validation_loss?: number;
    tokens_per_second: number;
    trained_tokens: number;
    peak_memory_bytes: number;
    steps: number;
  };
  environment: Record<string, string>;
}

/** The process that a trainer starts for one attempt: a Node module that speaks the messages below. */
export interface TrainerLaunch {
  module: URL;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Messages from the hub to a trainer child; one that it does not know it ignores. */
export type TrainerCommand =
  | { type: "train"; specification: TrainingSpecification; attempt: TrainingAttempt }
  | { type: "cancel" }
  /** The part of the time that it may compute from now on; 0: it waits between two steps until the next such message. */
  | { type: "pace"; share: number };

/** One logged value of the run. `step` counts optimizer steps from 1. */
export interface MetricPoint {
  key: string;
  value: number;
  step: number;
  timestamp: number;
}

/** Messages from a trainer child to the hub. Any message counts as a heartbeat. */
export type TrainerEvent =
  | { type: "ready" }
  | { type: "heartbeat" }
  | { type: "progress"; progress: JobProgress; metrics: MetricPoint[] }
  | { type: "log"; line: string }
  /** After a resumption one may come again that the hub has. */
  | { type: "sample"; sample: TrainingSample }
  /**
   * A guard acted. `wentBackTo`: steps after this one are done, and measured, again. After a resumption one may come
   * again that the hub has.
   */
  | { type: "guard"; guard: Omit<JobGuard, "at">; wentBackTo?: number }
  | { type: "result"; result: TrainingResult }
  | { type: "failed"; error: { code: string; message: string; details: Record<string, unknown> } }
  | { type: "cancelled" };

/** Where every attempt begins. */
export const noProgress: Readonly<JobProgress> = {
  phase: "preparing",
  step: 0,
  steps: 0,
  loss: null,
  first_loss: null,
  validation_loss: null,
  learning_rate: null,
  tokens_per_second: null,
  seconds_left: null,
};
