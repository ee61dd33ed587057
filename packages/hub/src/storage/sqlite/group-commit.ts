import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Queries } from "../database.ts";
import { TransactionLost, type Transactions } from "../transactions.ts";

interface Pending {
  /** Runs in the caller's own asynchronous context. */
  run(part: (work: (db: Queries) => Promise<unknown>) => Promise<unknown>): Promise<void>;
  commit(): void;
  fail(error: unknown): void;
}

/** A commit waits for one fsync, 0.3 to 10 ms; a batch that computes longer than that only adds delay. */
const defaultBatchMilliseconds = 8;

/**
 * Collects writes that arrive in the same turn of the event loop and commits them together. While a commit is on
 * its way to the disk the next one is made; each write is answered when its own is there.
 */
export class GroupCommit {
  readonly #transactions: Transactions;
  readonly #batchMilliseconds: number;
  readonly #queue: Pending[] = [];
  /** Commits that are on their way to the disk. */
  readonly #persisting = new Set<Promise<void>>();
  #draining: Promise<void> | undefined;

  constructor(transactions: Transactions, batchMilliseconds = defaultBatchMilliseconds) {
    this.#transactions = transactions;
    this.#batchMilliseconds = batchMilliseconds;
  }

  /** Queues `work`; resolves with its result after the commit that contains it. */
  write<T>(work: (db: Queries) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const inCallersContext = AsyncLocalStorage.snapshot();
    let commit: () => void = () => reject(new Error("committed before it ran"));
    this.#queue.push({
      run: async (part) => {
        await inCallersContext(async () => {
          await part(async (db) => {
            const result = await work(db);
            commit = () => resolve(result);
          });
        });
      },
      commit: () => commit(),
      fail: reject,
    });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Resolves when everything queued so far is on disk or failed. */
  async drained(): Promise<void> {
    await this.#draining;
    await Promise.all(this.#persisting);
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Everything of the database runs in microtasks: only a new turn lets more requests arrive.
      await nextTurn();
      await this.#commitBatch();
    }
    this.#draining = undefined;
  }

  async #commitBatch(): Promise<void> {
    const done: Pending[] = [];
    let current: Pending | undefined;
    let durable: Promise<void>;
    try {
      ({ durable } = await this.#transactions.commit(async (transaction) => {
        const deadline = performance.now() + this.#batchMilliseconds;
        const alone = this.#queue.length === 1;
        do {
          current = this.#queue.shift();
          if (current === undefined) break;
          try {
            await current.run(alone ? transaction.whole : transaction.part);
            done.push(current);
          } catch (error) {
            if (alone || error instanceof TransactionLost) throw error;
            current.fail(error);
          }
        } while (!alone && performance.now() < deadline);
        current = undefined;
      }));
    } catch (error) {
      const reason = error instanceof TransactionLost ? error.cause : error;
      const begun = current === undefined ? done : [...done, current];
      // A transaction that could not even begin would not begin for those that wait, either.
      const failed = begun.length > 0 ? begun : this.#queue.splice(0);
      for (const pending of failed) pending.fail(reason);
      return;
    }
    const told = durable
      .then(
        () => done.forEach((pending) => pending.commit()),
        (error: unknown) => done.forEach((pending) => pending.fail(error)),
      )
      .finally(() => this.#persisting.delete(told));
    this.#persisting.add(told);
  }
}
