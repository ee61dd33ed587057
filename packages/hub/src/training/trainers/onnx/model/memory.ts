import { elementCount } from "../graph/value.ts";
import type { ProgramSpec } from "../program.ts";
import type { PlannedSpec } from "./plan.ts";
import { planModel } from "./plan.ts";

/** Resident size of a trainer before it has a model: Node, ONNX Runtime and the compiled graph. */
const baseBytes = 120e6;

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
  // parameters, two moments, gradient, and the copies of the new state that the binding makes
  const copies = 4 * (full ? 4 + 3 : 5 + 3) + (spec.accumulate > 1 ? 8 : 0);
  const state = trainable * copies + (full ? 0 : weights * (bytesPerWeight + (bytesPerWeight === 4 ? 4 : 0)));
  const queries = shape.heads * shape.headDim;
  const keys = shape.kvHeads * shape.headDim;
  const attention = spec.batchSize * shape.heads * spec.sequenceLength ** 2;
  const perLayer = rows * (5 * shape.dim + 3 * queries + 3 * keys + 5 * shape.ffn) + attention;
  const transient = rows * (4 * shape.ffn + 8 * shape.dim) + 4 * attention;
  const head = 3 * lossChunk * shape.vocabulary;
  return Math.ceil(baseBytes + state + 4 * (shape.layers * perLayer + transient + head));
}
