import { HearthError } from "../../../../errors.ts";
import type { ProgramSpec } from "../program.ts";
import type { ModelPlan } from "./graphs.ts";
import type { KeptType } from "./kept-weight.ts";
import { adapterWeights, linearNames, modelWeights } from "./parameters.ts";

/** Greatest number of logits of one chunk of the cross-entropy: 64 MiB of f32. */
const chunkNumbers = 2 ** 24;

/** Weights of the largest frozen head that is decoded once for the whole run: 128 MiB of f32. */
export const largestDecodedHead = 2 ** 25;

/** What {@link planModel} needs of a specification. */
export type PlannedSpec = Pick<
  ProgramSpec,
  "batchSize" | "sequenceLength" | "train" | "lossChunk" | "scoredPositions" | "provider" | "recompute"
> & {
  readonly weights: Pick<ProgramSpec["weights"], "shape">;
};

/**
 * Checks a specification and names the tensors that take part. Weights count as 32-bit floats
 * until they have been read.
 *
 * @throws HearthError `invalid_request` with the field and what it may be
 */
export function planModel(spec: PlannedSpec): ModelPlan {
  const { shape } = spec.weights;
  requireCount("batchSize", spec.batchSize);
  requireCount("sequenceLength", spec.sequenceLength);
  if (spec.sequenceLength > shape.context) {
    refuse(
      `sequenceLength is ${spec.sequenceLength}; the model's context is ${shape.context}: use at most that`,
    );
  }
  if (spec.lossChunk !== undefined) requireCount("lossChunk", spec.lossChunk);
  if (spec.scoredPositions !== undefined) requireCount("scoredPositions", spec.scoredPositions);
  const rows = spec.batchSize * spec.sequenceLength;
  const lossChunk = Math.min(
    rows,
    spec.lossChunk ?? Math.max(1, Math.floor(chunkNumbers / shape.vocabulary)),
  );
  const weights = modelWeights(shape);
  const plan = {
    shape,
    weights,
    kept: new Map<string, KeptType>(),
    lossChunk,
    recompute: spec.recompute ?? false,
  };
  if (spec.train.kind === "full") {
    const parameters = weights.map((weight) => ({ ...weight, decays: weight.shape.length === 2 }));
    return { ...plan, parameters };
  }

  const { rank, alpha, targets } = spec.train;
  requireCount("rank", rank);
  if (!Number.isFinite(alpha) || alpha <= 0) refuse(`alpha is ${alpha}; it must be a positive number`);
  const unknown = targets.find((target) => !linearNames.includes(target));
  if (unknown !== undefined)
    refuse(`${unknown} is no linear layer; targets are of ${linearNames.join(", ")}`);
  if (targets.length === 0) refuse(`no targets given; name some of ${linearNames.join(", ")}`);
  const trainable = adapterWeights(shape, rank, targets);
  return {
    ...plan,
    parameters: trainable.map((weight) => ({ ...weight, decays: true })),
    adapter: { scale: alpha / rank },
  };
}

function requireCount(field: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) refuse(`${field} is ${value}; it must be a whole number from 1`);
}

function refuse(message: string): never {
  throw new HearthError("invalid_request", message);
}
