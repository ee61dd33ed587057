/** A queue that serves its clients in turn, and each client's own items in their order. */
export class Rotation<T> {
  /** Whose turn is next comes first. */
  readonly #turns = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(client: string, item: T): void {
    const own = this.#turns.get(client);
    if (own === undefined) this.#turns.set(client, new Set([item]));
    else own.add(item);
    this.#size += 1;
  }

  /** The oldest item of the client whose turn it is; that client's next turn comes after everybody else's. */
  take(): T | undefined {
    for (const [client, own] of this.#turns) {
      this.#turns.delete(client);
      const [first] = own;
      if (first === undefined) continue;
      own.delete(first);
      if (own.size > 0) this.#turns.set(client, own);
      this.#size -= 1;
      return first;
    }
    return undefined;
  }

  /** Takes an item out of turn; false when it is not here. */
  remove(client: string, item: T): boolean {
    const own = this.#turns.get(client);
    if (own?.delete(item) !== true) return false;
    if (own.size === 0) this.#turns.delete(client);
    this.#size -= 1;
    return true;
  }
}
