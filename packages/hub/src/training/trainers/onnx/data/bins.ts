import type { TokenStore } from "./token-store.ts";

/** Which rows share a sequence. */
export interface Bins {
  /** Row numbers of each sequence. */
  readonly rows: readonly (readonly number[])[];
  /** Inputs of each sequence. */
  readonly lengths: Uint32Array;
}

/** A sequence is filled up to this many rows of average length: attention costs more than longer ones save (decision 053). */
const averageRows = 2;
/** Below this many tokens a longer sequence costs nothing in attention. */
const shortSequence = 128;

/** Inputs that a sequence is filled up to: rows that are longer by themselves have one of their own. */
export function binCapacity(store: TokenStore, sequenceLength: number): number {
  const average = store.totalTokens / Math.max(1, store.rows);
  const longest = store.longest - 1;
  return Math.min(sequenceLength, longest, Math.max(shortSequence, Math.ceil(averageRows * average)));
}

/**
 * Puts rows together, the longest first, each into the fullest sequence that has room for it (best fit decreasing;
 * Johnson, 1973: at most 11/9 of the fewest sequences). The same rows always come together.
 */
export function packRows(store: TokenStore, capacity: number): Bins {
  const lengths = Uint32Array.from({ length: store.rows }, (_, row) => store.row(row).tokens.length - 1);
  const longestFirst = Uint32Array.from({ length: store.rows }, (_, row) => row).sort(
    (one, other) => (lengths[other] ?? 0) - (lengths[one] ?? 0) || one - other,
  );
  const rows: number[][] = [];
  const filled: number[] = [];
  /** Sequences by the room that they have left. */
  const byRoom = Array.from({ length: capacity + 1 }, (): number[] => []);
  for (const row of longestFirst) {
    const length = lengths[row] ?? 0;
    let room = length;
    while (room <= capacity && byRoom[room]?.length === 0) room++;
    const bin = byRoom[room]?.pop() ?? rows.push([]) - 1;
    rows[bin]?.push(row);
    filled[bin] = (filled[bin] ?? 0) + length;
    byRoom[Math.max(0, capacity - (filled[bin] ?? 0))]?.push(bin);
  }
  return { rows, lengths: Uint32Array.from(filled) };
}

/** Sequences of a batch that hold about as many rows as a batch of single rows has: a step learns from as many. */
export function sequencesOfBatch({ rows }: Bins, store: TokenStore, batchSize: number): number {
  return Math.max(1, Math.round((batchSize * rows.length) / Math.max(1, store.rows)));
}
