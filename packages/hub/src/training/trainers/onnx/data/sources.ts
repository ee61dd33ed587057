import { permutation, seededRandom } from "./random.ts";
import type { TokenStore } from "./token-store.ts";

/**
 * Sequences to train on. Order and content are a pure function of (seed, epoch, index): nothing but
 * the step has to be remembered to continue a run exactly where it stopped.
 */
export interface SequenceSource {
  /** Sequences in an epoch. */
  readonly count: number;
  /** Whether a sequence may hold several rows, which must not see each other. */
  readonly severalRows?: boolean;
  /** Inputs of every sequence, in no order that means anything. */
  readonly lengths: Uint32Array;
  /** Positions of every sequence that are scored, likewise. */
  readonly scored: Uint32Array;
  /** Inputs of one sequence. */
  length(epoch: number, index: number): number;
  /**
   * Writes one sequence: inputs into `tokens`, and into `targets` the token to produce at each
   * position or −1 where there is no loss. Both are of one length, at least that of the sequence,
   * and are filled to the end with 0 and −1. `places` is filled where sequences hold several rows.
   */
  fill(epoch: number, index: number, tokens: Int32Array, targets: Int32Array, places?: Int32Array): void;
}

/** How a row source puts its rows in order. */
export interface RowOrder {
  seed: number;
  /** Rows that a step takes together; see `ordered`. */
  rowsPerStep: number;
}

/** One row a sequence, in another order every epoch; `order` null keeps that of the file. */
export function rowSource(store: TokenStore, order: RowOrder | null): SequenceSource {
  const ofEachRow = (count: (row: ReturnType<TokenStore["row"]>) => number) =>
    Uint32Array.from({ length: store.rows }, (_, index) => count(store.row(index)));
  const lengths = ofEachRow(({ tokens }) => tokens.length - 1);
  const scored = ofEachRow(({ learned }) => learned.subarray(1).reduce((sum, flag) => sum + flag, 0));
  const orderOf = remembered((epoch) =>
    order === null ? inFileOrder(store.rows) : ordered(lengths, order, epoch),
  );
  const rowAt = (epoch: number, index: number): number => orderOf(epoch)[index] ?? 0;
  return {
    count: store.rows,
    lengths,
    scored,
    length: (epoch, index) => lengths[rowAt(epoch, index)] ?? 0,
    fill(epoch, index, tokens, targets) {
      const row = store.row(rowAt(epoch, index));
      const inputs = Math.min(row.tokens.length - 1, tokens.length);
      tokens.fill(0);
      targets.fill(-1);
      tokens.set(row.tokens.subarray(0, inputs));
      for (let position = 0; position < inputs; position++) {
        if (row.learned[position + 1] === 1) targets[position] = row.tokens[position + 1] ?? -1;
      }
    },
  };
}

/** Steps among which rows of like length are brought together. */
const stepsPerWindow = 16;

/**
 * A random order in which the rows of a step have like lengths, so that little is padded: of every
 * window of sixteen steps the rows are sorted by length, and the steps shuffled again.
 */
export function ordered(lengths: Uint32Array, { seed, rowsPerStep }: RowOrder, epoch: number): Uint32Array {
  const random = seededRandom(seed, "order", epoch);
  const shuffled = permutation(lengths.length, random);
  const order = new Uint32Array(lengths.length);
  const window = rowsPerStep * stepsPerWindow;
  // The epoch before may have ended in the middle of a step: these rows complete it.
  const rest = (rowsPerStep - ((epoch * lengths.length) % rowsPerStep)) % rowsPerStep;
  order.set(shuffled.subarray(0, rest));
  let position = Math.min(rest, shuffled.length);
  for (let start = rest; start < shuffled.length; start += window) {
    const rows = shuffled
      .slice(start, start + window)
      .sort((one, other) => (lengths[one] ?? 0) - (lengths[other] ?? 0));
    const steps = Math.ceil(rows.length / rowsPerStep);
    // A step that is not full stays last, or it would push the others off the steps' borders.
    const full = Math.floor(rows.length / rowsPerStep);
    const sequence = [...permutation(full, random), ...Array.from({ length: steps - full }, () => full)];
    for (const step of sequence) {
      const part = rows.subarray(step * rowsPerStep, (step + 1) * rowsPerStep);
      order.set(part, position);
      position += part.length;
    }
  }
  return order;
}

/**
 * Documents one after another, cut into full sequences; only the last sequence of an epoch is padded.
 * Each epoch puts the documents in another order. Every token is learned; the last token of a
 * sequence is the target of its last input and the first input of the next sequence.
 */
export function packedSource(store: TokenStore, sequenceLength: number, seed: number | null): SequenceSource {
  const total = store.totalTokens;
  const count = Math.max(1, Math.ceil((total - 1) / sequenceLength));
  const inputsAt = (index: number): number =>
    Math.max(0, Math.min(sequenceLength, total - 1 - index * sequenceLength));
  const lengths = Uint32Array.from({ length: count }, (_, index) => inputsAt(index));
  const stream = new Int32Array(total);
  const streamOf = remembered((epoch) => {
    const order =
      seed === null ? inFileOrder(store.rows) : permutation(store.rows, seededRandom(seed, "order", epoch));
    let position = 0;
    for (const index of order) {
      const { tokens } = store.row(index);
      stream.set(tokens, position);
      position += tokens.length;
    }
    return stream;
  });
  return {
    count,
    lengths,
    scored: lengths,
    length: (_epoch, index) => inputsAt(index),
    fill(epoch, index, tokens, targets) {
      const start = index * sequenceLength;
      const end = start + inputsAt(index);
      tokens.fill(0);
      targets.fill(-1);
      tokens.set(streamOf(epoch).subarray(start, end));
      targets.set(streamOf(epoch).subarray(start + 1, end + 1));
    },
  };
}

/** Every sequence in the order in which it was made. */
export function inFileOrder(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, index) => index);
}

/** The last epoch's value is kept: an epoch is read from its beginning to its end. */
export function remembered<T>(make: (epoch: number) => T): (epoch: number) => T {
  let last: { epoch: number; value: T } | undefined;
  return (epoch) => {
    if (last?.epoch !== epoch) last = { epoch, value: make(epoch) };
    return last.value;
  };
}
