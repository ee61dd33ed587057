/**
 * Events of one request between the process that makes them and the one who reads them. Closing
 * with an error makes the reader throw it, after what came before.
 */
export class EventQueue<T> {
  readonly #items: T[] = [];
  #end: { error: Error | null } | null = null;
  #wake: (() => void) | null = null;

  push(item: T): void {
    if (this.#end !== null) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** No more comes. The first end counts. */
  close(error: Error | null): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        yield item;
        continue;
      }
      if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = null;
    }
  }
}
