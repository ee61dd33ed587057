import type { DecoderShape } from "../../../model-files/gguf/decoder-shape.ts";
import type { OptimizerSettings } from "./model/adamw.ts";
import type { KeptMatrix } from "./model/kept-weight.ts";
import type { LinearName } from "./model/parameters.ts";
import type { Provider } from "./runtime/session.ts";
import { openProgram } from "./runtime/onnx-program.ts";

export type { LinearName } from "./model/parameters.ts";
export { linearNames } from "./model/parameters.ts";
export type { OptimizerSettings } from "./model/adamw.ts";
export type { Provider } from "./runtime/session.ts";
export { numericSettings } from "./runtime/session.ts";
export { providerSelfTest } from "./runtime/self-test.ts";
export { describeMemory, estimateMemory, totalMemory } from "./model/memory.ts";

/** Weights of a model by their GGUF names, row-major `[out, in]`, read one at a time. */
export interface Weights {
  readonly shape: DecoderShape;
  /** The array and its buffer become the program's own. */
  read(name: string): Promise<Float32Array>;
  /** A matrix in a form of fewer bytes that can be decoded when it is used; undefined when there is none. */
  readKept?(name: string): Promise<KeptMatrix | undefined>;
}

/** What is trained: all weights, or low-rank updates of some linear layers. */
export type TrainingKind =
  | { readonly kind: "full" }
  | {
      readonly kind: "lora";
      readonly rank: number;
      /** The update counts alpha / rank times. */
      readonly alpha: number;
      readonly targets: readonly LinearName[];
      /** Of the random matrices A; B starts at zero. */
      readonly seed: number;
    };

export interface ProgramSpec {
  weights: Weights;
  /** Sequences per micro-batch. */
  batchSize: number;
  /** Tokens of the longest sequence; a batch may be shorter, each length has a graph of its own. */
  sequenceLength: number;
  /**
   * Most positions of a batch that are scored; all when absent. The output head is computed for as
   * many positions only: a large part of the work where only answers are learned.
   */
  scoredPositions?: number;
  train: TrainingKind;
  optimizer: OptimizerSettings;
  /** Micro-batches per optimizer step. */
  accumulate: number;
  /** Tokens per chunk of the cross-entropy; by default as many as keep a chunk's logits below 64 MiB. */
  lossChunk?: number;
  /** Computes each block again in the backward pass instead of keeping what it computed: less memory, about a third more time, the same bits. */
  recompute?: boolean;
  /** Weights of the largest frozen head that is decoded for the whole run; of a larger one only slices are. */
  largestDecodedHead?: number;
  provider: Provider;
  threads: number;
}

/**
 * Tokens of `batchSize` sequences of one length, at most the program's, and the token that follows
 * each; −1 is not scored.
 */
export interface Batch {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
  /**
   * Of each token its place in its row, where a sequence holds several: a 0 begins a row, and no row sees another.
   * Absent: every sequence is one row.
   */
  readonly places?: Int32Array;
}

export interface StepResult {
  /** Mean over the step's scored tokens, before the update; 0 when there are none. */
  readonly loss: number;
  /** Over all parameters, before clipping. Infinite or NaN: nothing was changed. */
  readonly gradientNorm: number;
  readonly lossTokens: number;
}

/** A model being trained. One call at a time. */
export interface TrainingProgram extends AsyncDisposable {
  readonly trainable: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /**
   * One optimizer step over up to `accumulate` micro-batches. A step without any scored token
   * changes nothing.
   *
   * @param options.step 1-based number of the step, for AdamW's bias correction
   */
  step(batches: readonly Batch[], options: { learningRate: number; step: number }): Promise<StepResult>;
  /** Forward pass only; the sum of the losses of the scored tokens. */
  evaluate(batch: Batch): Promise<{ lossSum: number; lossTokens: number }>;
  /** Logits `[vocabulary]` after the last of up to `sequenceLength` tokens. */
  logits(tokens: Int32Array): Promise<Float32Array>;
  /**
   * The likeliest token after each position from `from` to the last of `tokens`, at most
   * {@link longestPrediction} of them. Each `length`, at least that of `tokens`, is a graph of its own.
   */
  predict(tokens: Int32Array, options: { from: number; length: number }): Promise<Int32Array>;
  /** Positions that one prediction may be asked for. */
  readonly longestPrediction: number;
  /** Current values of a trainable tensor. */
  read(name: string): Promise<Float32Array>;
  /** Parameters and moments; with the step number they continue the run bit for bit. */
  saveState(): Promise<Map<string, Float32Array>>;
  /** Restores what {@link saveState} gave. */
  loadState(state: ReadonlyMap<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Prepares a model for training: reads its weights and compiles the training step.
 *
 * @throws HearthError `invalid_request` when the specification cannot be trained
 */
export function createProgram(spec: ProgramSpec): Promise<TrainingProgram> {
  return openProgram(spec);
}
