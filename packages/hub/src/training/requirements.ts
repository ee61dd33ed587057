import type { TrainingParameters } from "@hearth/wire/hub/training";
import type { DecoderShape } from "../model-files/gguf/decoder-shape.ts";
import { elementCount } from "../model-files/gguf/format.ts";
import type { BaseFigures } from "./base-figures.ts";
import { refuse } from "./checks/refuse.ts";
import { estimateMemory, totalMemory } from "./trainers/onnx/model/memory.ts";
import type { MemoryParts } from "./trainers/onnx/model/memory.ts";
import { adapterWeights, modelWeights, mostTrained } from "./trainers/onnx/model/parameters.ts";

export interface Requirements {
  memoryBytes: number;
  memoryParts: MemoryParts;
  diskBytes: number;
}

/** A job's parameters as far as they decide what it needs. */
export type SizedParameters = TrainingParameters & { sequence_length: number };

const f32 = 4;
const diskReserveBytes = 64_000_000;
/** Lengths that rows are padded to, at most; running text has one. */
const usualLengths = 4;

/**
 * Memory and disk that a job needs at its peak, before anything is loaded: the trainer's own formula,
 * with the length that its rows will likely have.
 *
 * @param base the model that is trained on, or only its shape where it is made from nothing
 * Errors: `invalid_request` when more is to be trained than the CPU's trainer has places for.
 */
export function estimateRequirements(
  base: BaseFigures | { shape: DecoderShape },
  parameters: SizedParameters,
): Requirements {
  const { shape } = base;
  const { recipe, lora_rank: rank, lora_alpha: alpha = rank, lora_targets: targets, seed } = parameters;
  const isAdapter = recipe === "lora";
  const spec = {
    weights: { shape },
    batchSize: parameters.batch_size,
    sequenceLength: Math.min(parameters.sequence_length, shape.context),
    train: isAdapter ? ({ kind: "lora", rank, alpha, targets, seed } as const) : ({ kind: "full" } as const),
    accumulate: parameters.gradient_accumulation,
    recompute: parameters.recompute === "layers",
    provider: parameters.provider === "webgpu" ? ("webgpu" as const) : ("cpu" as const),
    lengths: recipe === "pretrain" ? 1 : usualLengths,
  };
  const trained = isAdapter ? adapterWeights(shape, rank, targets) : modelWeights(shape);
  const numbers = trained.reduce((sum, one) => sum + elementCount(one.shape), 0);
  if (spec.provider === "cpu" && numbers > mostTrained) refuseNumbers(parameters, numbers);
  const parts = estimateMemory(spec, isAdapter && "stored" in base ? base.stored : undefined);
  return {
    memoryBytes: totalMemory(parts),
    memoryParts: parts,
    // Two checkpoints (the last and the one being written) of parameters and moments, and the exported files.
    diskBytes: Math.ceil(numbers * f32 * (2 * 3 + 2) + diskReserveBytes),
  };
}

function refuseNumbers({ recipe, lora_rank }: SizedParameters, numbers: number): never {
  const why = `${numbers} numbers would be trained, and ${mostTrained} are the most on the CPU`;
  if (recipe === "lora") refuse("lora_rank", lora_rank, "a smaller rank, or fewer lora_targets", why);
  if (recipe === "full") refuse("recipe", recipe, "lora", why);
  refuse("pretrain", numbers, `a shape of at most ${mostTrained} weights`, why);
}

/** The shape of a model that is to be trained from nothing; tied embeddings. */
export function shapeOfPretraining(
  shape: NonNullable<TrainingParameters["pretrain"]>,
  context: number,
): DecoderShape {
  return {
    vocabulary: shape.vocabulary,
    dim: shape.dim,
    layers: shape.layers,
    heads: shape.heads,
    kvHeads: shape.kv_heads,
    headDim: shape.dim / shape.heads,
    ffn: shape.ffn,
    context,
    tied: true,
    normEps: 1e-5,
    ropeTheta: 10_000,
  };
}
