import type { SequenceSource } from "./sources.ts";

/** Inputs and targets of one run of the graph, both `[batch * length]` with one of the plan's lengths. */
export interface Batch {
  tokens: Int32Array;
  /** −1 where there is no loss. */
  targets: Int32Array;
  /** Of sequences that hold several rows; see the program's `Batch`. */
  places?: Int32Array;
  /** Inputs that are not padding. */
  inputs: number;
}

export interface BatchShape {
  batchSize: number;
  /** Lengths that the batches are padded to, ascending; the last holds the longest sequence. */
  lengths: readonly number[];
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
  { batchSize, lengths }: BatchShape,
  accumulate: number,
  epochs: number,
): Plan {
  const sequences = Math.max(1, Math.round(source.count * epochs));
  return {
    batchSize,
    lengths,
    accumulate,
    sequences,
    steps: Math.ceil(sequences / (batchSize * accumulate)),
  };
}

/** Shapes are multiples of this: odd ones make the matrix products slow. */
const lengthStep = 16;

/**
 * Rows that a product should have at least. With fewer, ONNX Runtime gives each thread a part of the
 * columns, and a part of up to 64 columns sums in other blocks than a wider one: on two threads the
 * last bits would differ from those on one (measured with 32 and 64 rows; not from 128).
 */
const leastRows = 128;

/** Each length has a graph of its own, which takes about half a second and some megabytes. */
const mostLengths = 4;

/**
 * Lengths for batches of sequences with the given lengths: the longest of each quarter of those that
 * are trained on, and the longest of all, rounded up to a multiple of 16 but not above `limit`.
 * Small batches are not cut below the rows that a product needs.
 */
export function batchLengths(
  trained: Uint32Array,
  validated: Uint32Array | undefined,
  { batchSize, limit }: { batchSize: number; limit: number },
): number[] {
  const sorted = trained.toSorted();
  const quarters = Array.from(
    { length: mostLengths },
    (_, part) => sorted[Math.ceil((sorted.length * (part + 1)) / mostLengths) - 1] ?? 1,
  );
  const longest = Math.max(quarters.at(-1) ?? 1, validated?.toSorted().at(-1) ?? 1);
  const least = leastRows / batchSize;
  const chosen = [...quarters.slice(0, -1), longest].map((length) =>
    Math.max(1, Math.min(limit, Math.ceil(Math.max(least, length) / lengthStep) * lengthStep)),
  );
  return [...new Set(chosen)];
}

/**
 * Most positions that a batch of `batchSize` sequences of one of the sources can score, rounded up to
 * a multiple of 16; undefined when that is nearly all of `batchSize * length`.
 */
export function mostScored(
  sources: readonly (SequenceSource | null)[],
  batchSize: number,
  length: number,
): number | undefined {
  const ofSource = (source: SequenceSource | null): number =>
    source === null
      ? 0
      : source.scored
          .toSorted()
          .slice(-batchSize)
          .reduce((sum, count) => sum + count, 0);
  const most = Math.max(...sources.map(ofSource));
  const rounded = Math.max(leastRows, Math.ceil(most / lengthStep) * lengthStep);
  return rounded < 0.9 * batchSize * length ? rounded : undefined;
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
  const places = Array.from({ length: Math.max(0, Math.min(shape.batchSize, end - first)) }, (_, row) => {
    const epoch = Math.floor((first + row) / source.count);
    const index = (first + row) % source.count;
    return { epoch, index, inputs: source.length(epoch, index) };
  });
  const longest = places.reduce((most, { inputs }) => Math.max(most, inputs), 1);
  const length = shape.lengths.find((one) => one >= longest) ?? shape.lengths.at(-1) ?? longest;
  const tokens = new Int32Array(shape.batchSize * length);
  const targets = new Int32Array(shape.batchSize * length).fill(-1);
  const inRow = source.severalRows === true ? new Int32Array(tokens.length) : undefined;
  for (const [row, { epoch, index }] of places.entries()) {
    const [from, to] = [row * length, (row + 1) * length];
    const part = inRow?.subarray(from, to);
    source.fill(epoch, index, tokens.subarray(from, to), targets.subarray(from, to), part);
  }
  return {
    tokens,
    targets,
    ...(inRow === undefined ? {} : { places: inRow }),
    inputs: places.reduce((sum, { inputs }) => sum + inputs, 0),
  };
}
