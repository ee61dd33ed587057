import { permutation, seededRandom } from "./random.ts";
import type { TokenStore } from "./token-store.ts";

/**
 * Sequences to train on. Order and content are a pure function of (seed, epoch, index): nothing but
 * the step has to be remembered to continue a run exactly where it stopped.
 */
export interface SequenceSource {
  /** Sequences in an epoch. */
  readonly count: number;
  /** Inputs of the longest sequence. */
  readonly longest: number;
  /**
   * Writes one sequence: inputs into `tokens`, and into `targets` the token to produce at each
   * position or −1 where there is no loss. Both have the graph's sequence length and are filled to
   * the end with 0 and −1. Returns the number of inputs that are not padding.
   */
  fill(epoch: number, index: number, tokens: Int32Array, targets: Int32Array): number;
}

/** One row a sequence, shuffled every epoch; without a seed, in the order of the file. */
export function rowSource(store: TokenStore, seed: number | null): SequenceSource {
  const order = epochOrder(store.rows, seed);
  return {
    count: store.rows,
    longest: store.longest - 1,
    fill(epoch, index, tokens, targets) {
      const row = store.row(order(epoch)[index] ?? 0);
      const inputs = Math.min(row.tokens.length - 1, tokens.length);
      tokens.fill(0);
      targets.fill(-1);
      tokens.set(row.tokens.subarray(0, inputs));
      for (let position = 0; position < inputs; position++) {
        if (row.learned[position + 1] === 1) targets[position] = row.tokens[position + 1] ?? -1;
      }
      return inputs;
    },
  };
}

/**
 * Documents one after another, cut into full sequences; only the last sequence of an epoch is padded.
 * Each epoch puts the documents in another order. Every token is learned; the last token of a
 * sequence is the target of its last input and the first input of the next sequence.
 */
export function packedSource(store: TokenStore, sequenceLength: number, seed: number | null): SequenceSource {
  const order = epochOrder(store.rows, seed);
  const total = store.totalTokens;
  const stream = new Int32Array(total);
  let streamed: number | undefined;
  const arrange = (epoch: number): void => {
    if (streamed === epoch) return;
    let position = 0;
    for (const index of order(epoch)) {
      const { tokens } = store.row(index);
      stream.set(tokens, position);
      position += tokens.length;
    }
    streamed = epoch;
  };
  return {
    count: Math.max(1, Math.ceil((total - 1) / sequenceLength)),
    longest: Math.min(sequenceLength, total - 1),
    fill(epoch, index, tokens, targets) {
      arrange(epoch);
      const start = index * sequenceLength;
      const inputs = Math.max(0, Math.min(sequenceLength, total - 1 - start));
      tokens.fill(0);
      targets.fill(-1);
      tokens.set(stream.subarray(start, start + inputs));
      targets.set(stream.subarray(start + 1, start + 1 + inputs));
      return inputs;
    },
  };
}

function epochOrder(length: number, seed: number | null): (epoch: number) => Uint32Array {
  let known: { epoch: number; order: Uint32Array } | undefined;
  return (epoch) => {
    if (known === undefined || (known.epoch !== epoch && seed !== null)) {
      const order =
        seed === null
          ? Uint32Array.from({ length }, (_, index) => index)
          : permutation(length, seededRandom(seed, "order", epoch));
      known = { epoch, order };
    }
    return known.order;
  };
}
