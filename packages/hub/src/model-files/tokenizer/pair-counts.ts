/** Two neighbouring tokens. */
export interface Pair {
  readonly left: number;
  readonly right: number;
}

interface Word {
  tokens: number[];
  readonly count: number;
}

interface Ranked {
  count: number;
  key: number;
}

const shift = 2 ** 20;

/**
 * How often each pair of neighbouring tokens occurs in a weighted list of words, kept up to date
 * while pairs are merged: a merge touches only the words that hold the pair.
 */
export class PairCounts {
  readonly #words: Word[];
  readonly #counts = new Map<number, number>();
  readonly #holders = new Map<number, Set<number>>();
  readonly #heap: Ranked[] = [];

  /** Token numbers must be below 2^20. */
  constructor(words: Iterable<[tokens: number[], count: number]>) {
    this.#words = [...words].map(([tokens, count]) => ({ tokens, count }));
    for (const [index, word] of this.#words.entries()) this.#add(index, word);
    for (const [key, count] of this.#counts) this.#push({ count, key });
  }

  /** The pair that occurs most often, the one of lower token numbers of equals; undefined when there is none. */
  mostFrequent(): Pair | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      const count = this.#counts.get(top.key) ?? 0;
      if (count > 0 && count === top.count) {
        return { left: Math.floor(top.key / shift), right: top.key % shift };
      }
      // The count changed since this entry was made; every change made a new one.
      this.#pop();
    }
  }

  /** Replaces the pair by `token` everywhere. */
  merge({ left, right }: Pair, token: number): void {
    const key = left * shift + right;
    const changed = new Set<number>();
    for (const index of this.#holders.get(key) ?? []) {
      const word = this.#words[index];
      if (word === undefined) continue;
      this.#subtract(word, changed);
      word.tokens = replacePair(word.tokens, left, right, token);
      this.#add(index, word, changed);
    }
    this.#counts.delete(key);
    this.#holders.delete(key);
    for (const pair of changed) {
      const count = this.#counts.get(pair) ?? 0;
      if (count > 0) this.#push({ count, key: pair });
    }
  }

  #add(index: number, { tokens, count }: Word, changed?: Set<number>): void {
    for (let at = 0; at + 1 < tokens.length; at++) {
      const key = (tokens[at] ?? 0) * shift + (tokens[at + 1] ?? 0);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
      changed?.add(key);
      const holders = this.#holders.get(key);
      if (holders === undefined) this.#holders.set(key, new Set([index]));
      else holders.add(index);
    }
  }

  /** The word stays listed as a holder: a holder without the pair only costs a look. */
  #subtract({ tokens, count }: Word, changed: Set<number>): void {
    for (let at = 0; at + 1 < tokens.length; at++) {
      const key = (tokens[at] ?? 0) * shift + (tokens[at + 1] ?? 0);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) - count);
      changed.add(key);
    }
  }

  #push(item: Ranked): void {
    const heap = this.#heap;
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

  #pop(): void {
    const heap = this.#heap;
    const item = heap.pop();
    if (item === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let smaller = heap[child];
      const right = heap[child + 1];
      if (smaller === undefined) break;
      if (right !== undefined && precedes(right, smaller)) {
        smaller = right;
        child++;
      }
      if (!precedes(smaller, item)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = item;
  }
}

function precedes(a: Ranked, b: Ranked): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key);
}

function replacePair(tokens: readonly number[], left: number, right: number, token: number): number[] {
  const replaced: number[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at] === left && tokens[at + 1] === right) {
      replaced.push(token);
      at++;
    } else {
      replaced.push(tokens[at] ?? 0);
    }
  }
  return replaced;
}
