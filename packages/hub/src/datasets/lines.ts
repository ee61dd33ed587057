/** A line, or what was left after the last line break. */
export type LineHandler = (bytes: Uint8Array, line: number) => void;

const lineFeed = 0x0a;

/**
 * Cuts a stream of bytes into lines at `\n`. Never holds more than one line; a line beyond
 * `maxBytes` goes to `onTooLong`, with its number, once.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #onLine: LineHandler;
  readonly #onTooLong: (line: number) => never;
  #line = 1;
  #pieces: Uint8Array[] = [];
  #held = 0;

  constructor(maxBytes: number, onLine: LineHandler, onTooLong: (line: number) => never) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (this.#held + piece.length > this.#maxBytes) this.#onTooLong(this.#line);
      if (end === -1) {
        // The caller may reuse its buffer.
        if (piece.length > 0) this.#pieces.push(Uint8Array.from(piece));
        this.#held += piece.length;
        return;
      }
      this.#finish(piece);
      start = end + 1;
    }
  }

  /** The stream is over: hands out a last line without a line break. */
  end(): void {
    if (this.#held > 0) this.#finish(new Uint8Array());
  }

  #finish(last: Uint8Array): void {
    const bytes = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#held = 0;
    this.#onLine(bytes, this.#line);
    this.#line += 1;
  }
}
