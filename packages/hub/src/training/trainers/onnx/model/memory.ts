import { elementCount } from "../graph/value.ts";
import type { ProgramSpec } from "../program.ts";
import type { PlannedSpec } from "./plan.ts";
import { planModel } from "./plan.ts";

/** Resident size of a trainer before it has a model: Node, ONNX Runtime and the compiled graph. */
const baseBytes = 160e6;

/**
 * Estimate of the greatest memory that a training program takes, in bytes, before anything is
 * loaded. Calibrated on measured peaks (see the decision on the training graph); errs upwards.
 *
 * @param bytesPerWeight 4, or 1.125 for frozen weights that stay in Q8_0
 */
export function estimateMemory(
  spec: PlannedSpec & Pick<ProgramSpec, "accumulate">,
  bytesPerWeight = 4,
): number {
  const plan = planModel(spec);
  const { shape, lossChunk } = plan;
  const rows = spec.batchSize * spec.sequenceLength;
  const count = (weights: typeof plan.weights) =>
    weights.reduce((sum, { shape: extents }) => sum + elementCount(extents), 0);
  const weights = count(plan.weights);
  const trainable = count(plan.trainable);
  const full = spec.train.kind === "full";
  const largestLinear = Math.max(
    ...plan.weights
      .filter(({ name }) => name.startsWith("blk."))
      .map(({ shape: extents }) => elementCount(extents)),
  );
  // parameters, two moments, gradient and the copies that the binding makes of the new state
  const state = trainable * 4 * (4 + 3 + (spec.accumulate > 1 ? 2 : 0));
  // frozen weights, one decoded or merged copy of a layer's, and the decoded head
  const frozen = full ? 0 : weights * bytesPerWeight + 8 * largestLinear;
  const decoded = full || bytesPerWeight === 4 ? 0 : 4 * shape.vocabulary * shape.dim;
  const queries = shape.heads * shape.headDim;
  const keys = shape.kvHeads * shape.headDim;
  const attention = spec.batchSize * shape.heads * spec.sequenceLength ** 2;
  const perLayer = rows * (5 * shape.dim + 3 * queries + 3 * keys + 5 * shape.ffn) + attention;
  const transient = rows * (4 * shape.ffn + 8 * shape.dim) + 4 * attention;
  const head = 3 * lossChunk * shape.vocabulary;
  return Math.ceil(baseBytes + state + frozen + decoded + 4 * (shape.layers * perLayer + transient + head));
}
