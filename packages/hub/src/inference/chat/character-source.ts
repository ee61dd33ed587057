/** Work that asks for characters: it yields where the next ones have not come yet. */
export type Reading<T> = Generator<undefined, T, undefined>;

/**
 * Characters (UTF-16 units) of a text that arrives in pieces. What was taken since the last `commit` is still
 * held: it can be put back, or be given out as the plain text that it was.
 */
export class CharacterSource {
  #text = "";
  /** Where the held part begins. */
  #start = 0;
  /** Where the next character is. */
  #at = 0;
  #ended = false;

  /** Taken and not committed. */
  get held(): string {
    return this.#text.slice(this.#start, this.#at);
  }

  feed(text: string): void {
    this.#text = this.#text.slice(this.#start) + text;
    this.#at -= this.#start;
    this.#start = 0;
  }

  /** No more text comes. */
  end(): void {
    this.#ended = true;
  }

  /** The next character; empty at the end of the text. */
  *next(): Reading<string> {
    while (this.#at >= this.#text.length) {
      if (this.#ended) return "";
      yield;
    }
    return this.#text.charAt(this.#at++);
  }

  /** Puts characters back that were taken last, at most those that are held. */
  back(characters: number): void {
    this.#at = Math.max(this.#start, this.#at - characters);
  }

  /** What is held has been dealt with. */
  commit(): void {
    this.#start = this.#at;
  }

  /** Commits everything that has come, and gives what of it was not committed before. */
  takeAll(): string {
    const all = this.#text.slice(this.#start);
    this.#at = this.#text.length;
    this.commit();
    return all;
  }
}
