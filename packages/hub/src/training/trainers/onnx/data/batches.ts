import type { SequenceSource } from "./sources.ts";

/** Inputs and targets of one run of the graph, both `[batch * sequence]`. */
export interface Batch {
  tokens: Int32Array;
  /** −1 where there is no loss. */
  targets: Int32Array;
  /** Inputs that are not padding. */
  inputs: number;
}

export interface BatchShape {
  batchSize: number;
  sequenceLength: number;
}

/** How many optimizer steps a run has and which sequences each of them takes. */
export interface Plan extends BatchShape {
  /** Batches whose gradients are added up before a step. */
  accumulate: number;
  /** Sequences over all epochs; the last epoch may be a part of one. */
  sequences: number;
  steps: number;
}

/** Divides `epochs` (a fraction is allowed) of the source's sequences into optimizer steps. */
export function planSteps(
  source: SequenceSource,
  shape: BatchShape,
  accumulate: number,
  epochs: number,
): Plan {
  const sequences = Math.max(1, Math.round(source.count * epochs));
  const steps = Math.ceil(sequences / (shape.batchSize * accumulate));
  return { batchSize: shape.batchSize, sequenceLength: shape.sequenceLength, accumulate, sequences, steps };
}

/**
 * The batches of one optimizer step, 1-based. Sequences run on over the end of an epoch, so every
 * step but the last is full; rows that the last step lacks are padding without loss, and batches of
 * nothing but padding are left out.
 */
export function batchesOfStep(source: SequenceSource, plan: Plan, step: number): Batch[] {
  const first = (step - 1) * plan.batchSize * plan.accumulate;
  return Array.from({ length: plan.accumulate }, (_, index) =>
    fillBatch(source, plan, first + index * plan.batchSize, plan.sequences),
  ).filter((batch) => batch.inputs > 0);
}

/** Every sequence of the source once, in batches; at most `limit` sequences. */
export function* batchesOnce(source: SequenceSource, shape: BatchShape, limit: number): Generator<Batch> {
  const sequences = Math.min(limit, source.count);
  for (let first = 0; first < sequences; first += shape.batchSize) {
    yield fillBatch(source, shape, first, sequences);
  }
}

function fillBatch(source: SequenceSource, shape: BatchShape, first: number, end: number): Batch {
  const length = shape.batchSize * shape.sequenceLength;
  const tokens = new Int32Array(length);
  const targets = new Int32Array(length).fill(-1);
  let inputs = 0;
  for (let row = 0; row < shape.batchSize; row++) {
    const sequence = first + row;
    if (sequence >= end) break;
    const from = row * shape.sequenceLength;
    inputs += source.fill(
      Math.floor(sequence / source.count),
      sequence % source.count,
      tokens.subarray(from, from + shape.sequenceLength),
      targets.subarray(from, from + shape.sequenceLength),
    );
  }
  return { tokens, targets, inputs };
}
