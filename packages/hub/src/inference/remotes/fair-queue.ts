/** Waiting items, taken in turn by client, so that one with many does not keep the others out. */
export class FairQueue<T> {
  /** Whose turn is next comes first. */
  readonly #byClient = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(client: string, item: T): void {
    const own = this.#byClient.get(client);
    if (own === undefined) this.#byClient.set(client, [item]);
    else own.push(item);
    this.#size += 1;
  }

  /** Takes the first item that can go; its client's next turn comes after everybody else's. */
  take(canGo: (item: T) => boolean): T | undefined {
    for (const [client, own] of this.#byClient) {
      const place = own.findIndex(canGo);
      const item = own[place];
      if (item === undefined) continue;
      this.#byClient.delete(client);
      own.splice(place, 1);
      if (own.length > 0) this.#byClient.set(client, own);
      this.#size -= 1;
      return item;
    }
    return undefined;
  }
}
