/** Lets at most `limit` calls run at once; the others wait in the order they came. */
export class Turns {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.free = limit;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
    try {
      return await call();
    } finally {
      const next = this.waiting.shift();
      // The turn is handed on, not given back: who comes now must not overtake.
      if (next === undefined) this.free++;
      else next();
    }
  }
}
