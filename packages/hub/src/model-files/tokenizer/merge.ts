/** Number and resulting token of a merge, by left and right token. */
export interface MergeTable {
  /** Undefined when the two do not merge. Lower ranks merge first. */
  get(left: number, right: number): Merge | undefined;
}

export interface Merge {
  readonly rank: number;
  readonly token: number;
}

/** Builds the table; keys are packed into one number, so token numbers must be below 2^26. */
export function mergeTable(entries: Iterable<[left: number, right: number, merge: Merge]>): MergeTable {
  const byPair = new Map<number, Merge>();
  for (const [left, right, merge] of entries) {
    const key = left * 2 ** 26 + right;
    if (!byPair.has(key)) byPair.set(key, merge);
  }
  return { get: (left, right) => byPair.get(left * 2 ** 26 + right) };
}

interface Candidate {
  rank: number;
  left: number;
  leftToken: number;
  rightToken: number;
  token: number;
}

/**
 * Applies byte-pair merges to one piece: always the pair of lowest rank, the leftmost of equals,
 * until none is left. Takes n·log n steps, so that a hostile piece of a megabyte does no harm.
 */
export function mergePiece(symbols: readonly number[], merges: MergeTable): number[] {
  const tokens = [...symbols];
  const next = tokens.map((_, index) => index + 1);
  const previous = tokens.map((_, index) => index - 1);
  const removed = new Uint8Array(tokens.length);
  const heap: Candidate[] = [];
  const consider = (left: number): void => {
    const right = next[left] ?? tokens.length;
    const leftToken = tokens[left];
    const rightToken = tokens[right];
    if (leftToken === undefined || rightToken === undefined) return;
    const merge = merges.get(leftToken, rightToken);
    if (merge !== undefined)
      push(heap, { rank: merge.rank, left, leftToken, rightToken, token: merge.token });
  };
  for (let index = 0; index + 1 < tokens.length; index++) consider(index);
  for (let best = pop(heap); best !== undefined; best = pop(heap)) {
    const { left } = best;
    const right = next[left] ?? tokens.length;
    // A neighbour may have merged since this pair was noted.
    const stale = removed[left] === 1 || tokens[left] !== best.leftToken || tokens[right] !== best.rightToken;
    if (stale) continue;
    tokens[left] = best.token;
    removed[right] = 1;
    const after = next[right] ?? tokens.length;
    next[left] = after;
    if (after < tokens.length) previous[after] = left;
    const before = previous[left] ?? -1;
    if (before >= 0) consider(before);
    consider(left);
  }
  return tokens.filter((_, index) => removed[index] === 0);
}

function precedes(a: Candidate, b: Candidate): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.left < b.left);
}

function push(heap: Candidate[], item: Candidate): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !precedes(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Candidate[]): Candidate | undefined {
  const top = heap[0];
  const item = heap.pop();
  if (item === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const left = heap[child];
    if (left === undefined) break;
    const right = heap[child + 1];
    let smaller = left;
    if (right !== undefined && precedes(right, left)) {
      child++;
      smaller = right;
    }
    if (!precedes(smaller, item)) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = item;
  return top;
}
