import { blockForms, bytesPerWeight, isBlockType } from "../../../../model-files/gguf/blocks.ts";
import type { GgmlTypeName } from "../../../../model-files/gguf/format.ts";
import { traitsOf } from "../../../../model-files/gguf/decoder-shape.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-shape.ts";
import { elementCount } from "../graph/value.ts";
import { sharesOf } from "../optimizer/shares.ts";
import type { ProgramSpec } from "../program.ts";
import type { ModelPlan } from "./graphs.ts";
import type { PlannedSpec } from "./plan.ts";
import { largestDecodedHead, planModel } from "./plan.ts";

/** How the matrices of a base are stored. */
export interface StoredBase {
  /** Numbers in the tensors of each type. */
  readonly weights: ReadonlyMap<GgmlTypeName, number>;
  /** Type of the matrix that gives the logits. */
  readonly head: GgmlTypeName;
}

/** What a run needs at its greatest, in bytes, by what for. */
export interface MemoryParts {
  /** The trainer itself: Node, ONNX Runtime and the compiled graphs. */
  readonly process: number;
  /** Weights that are not trained, and a layer's as they are decoded for use; 0 where all are trained. */
  readonly base: number;
  /** What is trained, its gradients and moments, and copies of the gradients. */
  readonly trained: number;
  /** What the forward pass leaves for the backward pass, and what both pass through. */
  readonly activations: number;
  /** Logits of a chunk of the loss, and the gradient that comes of them. */
  readonly loss: number;
}

/** What {@link estimateMemory} needs of a specification. */
export type MemorySpec = PlannedSpec &
  Pick<ProgramSpec, "accumulate"> & {
    /** Lengths that batches are padded to; each has graphs of its own. */
    readonly lengths?: number;
  };

const f32 = 4;
/** Node and ONNX Runtime with the graph of a step; measured. */
const processBytes = 144e6;
/** Of every layer: its part of that graph, and what the allocator holds between what is alive; measured. */
const layerBytes = 4e6;
/** Of every further length of batches: its graph. */
const lengthBytes = 12e6;
/** Of a thread that the optimizer starts; measured. */
const threadBytes = 20e6;
/** What is alive at the worst moment of what a count of all tensors of the passes gives; measured. */
const aliveShare = 0.79;
/** Copies that the binding makes of the gradients in host memory, in bytes of a number; measured. */
const gradientCopies = 4.5;
/** New parameters and moments beside the old ones at the end of an update on a device, in bytes of a number. */
const deviceCopies = 12.5;

/**
 * The greatest memory that a training takes, before anything is loaded; within a fifth of what was
 * measured (`npm run bench -- training-memory`). The one formula: the hub asks it before a job is
 * queued, the trainer once it knows its batches.
 *
 * @param base how the frozen weights are stored; absent where all are trained
 * Errors: as {@link planModel}.
 */
export function estimateMemory(spec: MemorySpec, base?: StoredBase): MemoryParts {
  const plan = planModel(spec);
  const rows = spec.batchSize * spec.sequenceLength;
  const scored = Math.min(rows, spec.scoredPositions ?? rows);
  const full = spec.train.kind === "full";
  // WebGPU takes 32-bit floats.
  const stored = spec.provider === "cpu" ? base : undefined;
  const trained = plan.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const weights = plan.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const activations = activationBytes(plan, spec, rows);
  const loss = lossBytes(plan, scored, stored);
  return {
    process:
      processBytes +
      layerBytes * plan.shape.layers +
      lengthBytes * ((spec.lengths ?? 1) - 1) +
      (spec.provider === "cpu" ? threadBytes * (sharesOf(trained, Infinity).length - 1) : 0),
    base: full ? 0 : frozenBytes(plan, weights, stored) + decodedBytes(plan, stored),
    trained: trained * trainedBytes(spec, (activations + loss) / trained),
    activations,
    loss,
  };
}

/**
 * Of a number that is trained: parameter, moments and gradient, and the copies at the end of an update.
 *
 * @param passing bytes for each number that are free again when the copies come
 */
function trainedBytes({ provider, recompute, accumulate }: MemorySpec, passing: number): number {
  if (provider === "cpu") return Math.max(4 * f32, 4 * f32 + gradientCopies - passing);
  // On a device gradients come up as activations go; with recomputed layers they come on top, and so do their sums.
  const gradients = (recompute === true ? 1 : 0) + (accumulate > 1 ? 2 : 0);
  return Math.max((3 + gradients) * f32, 3 * f32 + deviceCopies - passing);
}

/** All parts together. */
export function totalMemory({ process, base, trained, activations, loss }: MemoryParts): number {
  return Math.ceil(process + base + trained + activations + loss);
}

/** The parts in words, for a job's log. */
export function describeMemory(parts: MemoryParts): string {
  const { process, base, trained, activations, loss } = parts;
  const shown = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return `Memory: about ${shown(totalMemory(parts))} (trainer ${shown(process)}, base ${shown(base)}, trained state ${shown(trained)}, activations ${shown(activations)}, loss ${shown(loss)}).`;
}

/** Bytes of a weight of a type in memory. */
function keptBytes(type: GgmlTypeName): number {
  return isBlockType(type) ? bytesPerWeight(type) : type === "F16" ? 2 : f32;
}

function isSliced({ vocabulary, dim }: DecoderShape, base: StoredBase | undefined): boolean {
  return base !== undefined && isBlockType(base.head) && vocabulary * dim > largestDecodedHead;
}

function frozenBytes({ shape }: ModelPlan, weights: number, base: StoredBase | undefined): number {
  if (base === undefined) return weights * f32;
  let bytes = 0;
  for (const [type, count] of base.weights) bytes += count * keptBytes(type);
  const head = shape.vocabulary * shape.dim;
  return isSliced(shape, base) ? bytes : bytes + head * (f32 - keptBytes(base.head));
}

/** One layer's widest matrix: merged with its adapter, and before that decoded, out of nibbles unpacked to bytes. */
function decodedBytes({ weights }: ModelPlan, base: StoredBase | undefined): number {
  const matrices = weights
    .filter(({ name }) => name.startsWith("blk."))
    .map(({ shape }) => elementCount(shape));
  const types = [...(base?.weights.keys() ?? [])];
  const decodes = types.some((type) => type !== "F32" && type !== "BF16");
  const nibbles = types.some((type) => isBlockType(type) && blockForms[type].bits === 4);
  return Math.max(...matrices) * (f32 + (decodes ? f32 : 0) + (nibbles ? 1 : 0));
}

/** A block's results for each of its rows, and the scores of its attention. */
function activationBytes({ shape, recompute, adapter }: ModelPlan, spec: MemorySpec, rows: number): number {
  const queries = shape.heads * shape.headDim;
  const keys = shape.kvHeads * shape.headDim;
  const scores = spec.batchSize * shape.heads * spec.sequenceLength ** 2;
  // The gated activation of an adapter's base keeps less.
  const gates = adapter === undefined ? 5 : 4;
  const ofBlock = rows * (5 * shape.dim + 3 * queries + 3 * keys + gates * shape.ffn) + scores;
  const passing = rows * (4 * shape.ffn + 8 * shape.dim) + 4 * scores;
  if (!recompute) return f32 * aliveShare * (shape.layers * ofBlock + passing);
  return f32 * (shape.layers * rows * shape.dim + Math.min(2, shape.layers) * ofBlock + passing);
}

/**
 * Logits and probabilities of a chunk; their gradient where the head is trained, and two steps of it where the logits
 * are capped; a sliced head has its slice beside those.
 */
function lossBytes(plan: ModelPlan, scored: number, base: StoredBase | undefined): number {
  const { shape, lossChunk, adapter } = plan;
  const numbers = Math.min(lossChunk, scored) * shape.vocabulary;
  if (isSliced(shape, base)) return f32 * 5 * numbers;
  if (traitsOf(shape).logitCap !== null) return f32 * 4 * numbers;
  return f32 * (adapter === undefined ? 3 : 2) * numbers;
}
