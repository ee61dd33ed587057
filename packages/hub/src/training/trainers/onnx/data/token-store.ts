/**
 * Token sequences of many rows in two flat buffers, five bytes a token: a large data set stays small
 * where an array of arrays would not.
 */
export class TokenStore {
  #tokens = new Int32Array(4096);
  #learned = new Uint8Array(4096);
  readonly #ends: number[] = [];
  #longest = 0;

  /** Number of rows. */
  get rows(): number {
    return this.#ends.length;
  }

  /** Tokens of all rows together. */
  get totalTokens(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Tokens of the longest row. */
  get longest(): number {
    return this.#longest;
  }

  /** Adds a row; `learned[i]` is 1 where the model has to learn to produce token i. */
  append(tokens: ArrayLike<number>, learned: ArrayLike<number> | "all"): void {
    const start = this.totalTokens;
    const end = start + tokens.length;
    this.#grow(end);
    this.#tokens.set(tokens, start);
    if (learned === "all") this.#learned.fill(1, start, end);
    else this.#learned.set(learned, start);
    this.#ends.push(end);
    this.#longest = Math.max(this.#longest, tokens.length);
  }

  /** The row's own part of the buffers; do not keep it over an `append`. */
  row(index: number): { tokens: Int32Array; learned: Uint8Array } {
    const end = this.#ends[index];
    if (end === undefined) throw new RangeError(`There is no row ${index}; the store has ${this.rows}.`);
    const start = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    return { tokens: this.#tokens.subarray(start, end), learned: this.#learned.subarray(start, end) };
  }

  #grow(needed: number): void {
    if (needed <= this.#tokens.length) return;
    const size = Math.max(needed, this.#tokens.length * 2);
    const tokens = new Int32Array(size);
    const learned = new Uint8Array(size);
    tokens.set(this.#tokens);
    learned.set(this.#learned);
    this.#tokens = tokens;
    this.#learned = learned;
  }
}
