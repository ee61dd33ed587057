import { AsyncLocalStorage } from "node:async_hooks";
import type { HearthError } from "../../errors.ts";
import type { Database, Queries } from "../../storage/database.ts";
import { insertMetrics } from "./insert.ts";
import { storedPoint, type MetricPoint, type StoredPoint } from "./points.ts";

/** Points of one commit; what comes beyond waits for the next one. */
const maxPointsPerCommit = 4000;

interface Pending {
  runId: string;
  points: StoredPoint[];
  done: PromiseWithResolvers<void>;
}

/**
 * The way of metrics that many clients send at once: what arrives while a commit waits for the disk goes
 * into the next one, in one set of statements for all of them. Each caller hears of its own points only.
 */
export class MetricLog {
  readonly #database: Database;
  readonly #refuse: (db: Queries, runIds: readonly string[]) => Promise<Map<string, HearthError>>;
  // Whoever comes first must not decide in which transaction the others' points are written.
  readonly #outside = AsyncLocalStorage.snapshot();
  #pending: Pending[] = [];
  #writing = false;

  /** `refuse` tells which of the runs cannot be written to, and why. */
  constructor(
    database: Database,
    refuse: (db: Queries, runIds: readonly string[]) => Promise<Map<string, HearthError>>,
  ) {
    this.#database = database;
    this.#refuse = refuse;
  }

  /** Resolves when the points are on disk. Not for inside a transaction: it would wait for itself. */
  append(runId: string, points: readonly MetricPoint[]): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#pending.push({ runId, points: points.map((point) => storedPoint(point)), done });
    if (!this.#writing) {
      this.#writing = true;
      this.#outside(() => void this.#drain());
    }
    return done.promise;
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) await this.#commit();
    this.#writing = false;
  }

  async #commit(): Promise<void> {
    let taken: Pending[] = [];
    let refused = new Map<string, HearthError>();
    try {
      await this.#database.write(async (db) => {
        taken = this.#take();
        refused = await this.#refuse(db, [...new Set(taken.map(({ runId }) => runId))]);
        await insertMetrics(
          db,
          taken.filter(({ runId }) => !refused.has(runId)),
        );
      });
    } catch (error) {
      // A transaction that could not even begin has taken nothing: nobody may wait for ever.
      if (taken.length === 0) taken = this.#take();
      for (const { done } of taken) done.reject(error);
      return;
    }
    for (const { runId, done } of taken) {
      const error = refused.get(runId);
      if (error === undefined) done.resolve();
      else done.reject(error);
    }
  }

  #take(): Pending[] {
    let points = 0;
    let count = 0;
    for (const pending of this.#pending) {
      points += pending.points.length;
      if (count > 0 && points > maxPointsPerCommit) break;
      count += 1;
    }
    return this.#pending.splice(0, count);
  }
}
