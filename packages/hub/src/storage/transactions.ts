import { AsyncLocalStorage } from "node:async_hooks";
import { CompiledQuery, type Kysely } from "kysely";
import type { Queries } from "./database.ts";
import type { Tables } from "./tables.ts";

/** One open transaction, or one open savepoint in it. */
interface Scope {
  readonly db: Queries;
  readonly depth: number;
  open: boolean;
  /** Settles when the savepoints begun so far are closed; savepoints of one connection cannot overlap. */
  tail: Promise<unknown>;
  /** What is to run when all of it is committed. */
  readonly afterwards: (() => void)[];
}

/** A transaction that is open on one connection; see {@link Transactions.begin}. */
export interface OpenTransaction {
  /** Runs `work` between a savepoint and its release; a failure rolls back to the savepoint. */
  readonly part: <T>(work: (db: Queries) => Promise<T>) => Promise<T>;
  /** Runs `work` directly; a failure must be followed by a rollback of the whole transaction. */
  readonly whole: <T>(work: (db: Queries) => Promise<T>) => Promise<T>;
}

/** The savepoint could not be rolled back: the database has ended the whole transaction by itself. */
export class TransactionLost extends Error {
  constructor(cause: unknown) {
    super("the database ended the transaction", { cause });
    this.name = "TransactionLost";
  }
}

export interface TransactionOptions {
  /** The statement that begins one. */
  begin: string;
  /** The first statement of one whose commit does not wait for the disk. */
  relaxed?: string;
  /** Puts what has been committed on disk, where a commit by itself does not. */
  persist?: () => Promise<void>;
}

/** A transaction that is committed; `durable` resolves when it is on disk, too. */
export interface Committed<T> {
  result: T;
  durable: Promise<void>;
}

// Made once: building the query of a statement takes longer than running it.
const commit = CompiledQuery.raw("commit");
const rollback = CompiledQuery.raw("rollback");
const savepoints: Savepoint[] = [];

interface Savepoint {
  begin: CompiledQuery;
  rollBack: CompiledQuery;
  release: CompiledQuery;
}

/** The statements of a savepoint so deep inside of others. */
function savepointAt(depth: number): Savepoint {
  const name = `part_${depth}`;
  return (savepoints[depth] ??= {
    begin: CompiledQuery.raw(`savepoint ${name}`),
    rollBack: CompiledQuery.raw(`rollback to savepoint ${name}`),
    release: CompiledQuery.raw(`release savepoint ${name}`),
  });
}

/** Keeps which transaction the running code is in, over `await`s. */
export class Transactions {
  readonly #root: Kysely<Tables>;
  readonly #persist: (() => Promise<void>) | undefined;
  readonly #begin: CompiledQuery;
  readonly #relaxed: CompiledQuery | null;
  readonly #ambient = new AsyncLocalStorage<Scope>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(root: Kysely<Tables>, options: TransactionOptions) {
    this.#root = root;
    this.#persist = options.persist;
    this.#begin = CompiledQuery.raw(options.begin);
    this.#relaxed = options.relaxed === undefined ? null : CompiledQuery.raw(options.relaxed);
  }

  /** The open transaction of the running code; a transaction that has ended does not count (a timer may outlive it). */
  get #scope(): Scope | undefined {
    const scope = this.#ambient.getStore();
    return scope?.open === true ? scope : undefined;
  }

  get db(): Queries {
    return this.#scope?.db ?? this.#root;
  }

  /** Runs `work` as a savepoint of the open transaction; `undefined` when there is none. */
  nested<T>(work: (db: Queries) => Promise<T>): Promise<T> | undefined {
    const scope = this.#scope;
    return scope === undefined ? undefined : this.#savepoint(scope, work);
  }

  /** Runs `work` after the commit of the outermost open transaction, never after a rollback; at once when none is open. */
  afterCommit(work: () => void): void {
    const scope = this.#scope;
    if (scope === undefined) work();
    else scope.afterwards.push(work);
  }

  /** Opens a transaction on a connection of its own, commits when `use` resolves, rolls back when it rejects. */
  async begin<T>(
    use: (transaction: OpenTransaction) => Promise<T>,
    durability: "full" | "relaxed" = "full",
  ): Promise<T> {
    const { result, durable } = await this.commit(use, durability);
    await durable;
    return result;
  }

  /** Like `begin`, but resolves at the commit: the next transaction need not wait for the disk. */
  async commit<T>(
    use: (transaction: OpenTransaction) => Promise<T>,
    durability: "full" | "relaxed" = "full",
  ): Promise<Committed<T>> {
    const { result, afterwards } = await this.#counted(this.#transact(use, durability));
    const told = (): void => {
      for (const work of afterwards) work();
    };
    if (this.#persist === undefined || durability === "relaxed") {
      told();
      return { result, durable: Promise.resolve() };
    }
    const durable = this.#counted(this.#persist().then(told));
    // Whoever needs it hears of a failure.
    durable.catch(() => undefined);
    return { result, durable };
  }

  /** Resolves when no transaction is open, waits for a connection, or is on its way to the disk. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #counted<T>(work: Promise<T>): Promise<T> {
    const counted = work.finally(() => this.#running.delete(counted));
    this.#running.add(counted);
    return counted;
  }

  #transact<T>(
    use: (transaction: OpenTransaction) => Promise<T>,
    durability: "full" | "relaxed",
  ): Promise<{ result: T; afterwards: (() => void)[] }> {
    return this.#root.connection().execute(async (connection) => {
      const scope: Scope = { db: connection, depth: 0, open: true, tail: Promise.resolve(), afterwards: [] };
      try {
        await connection.executeQuery(this.#begin);
        if (durability === "relaxed" && this.#relaxed !== null) await connection.executeQuery(this.#relaxed);
        const result = await use({
          part: (work) => this.#savepoint(scope, work),
          whole: (work) => this.#ambient.run(scope, work, connection),
        });
        await scope.tail;
        await connection.executeQuery(commit);
        return { result, afterwards: scope.afterwards };
      } catch (error) {
        // The database may have rolled back already (full disk), or never begun; its answer to this one is then of no interest.
        await connection.executeQuery(rollback).catch(() => undefined);
        throw error;
      } finally {
        scope.open = false;
      }
    });
  }

  #savepoint<T>(outer: Scope, work: (db: Queries) => Promise<T>): Promise<T> {
    const result = outer.tail.then(() => this.#runSavepoint(outer, work));
    outer.tail = result.catch(() => undefined);
    return result;
  }

  async #runSavepoint<T>(outer: Scope, work: (db: Queries) => Promise<T>): Promise<T> {
    const scope: Scope = {
      db: outer.db,
      depth: outer.depth + 1,
      open: true,
      tail: Promise.resolve(),
      afterwards: [],
    };
    const savepoint = savepointAt(scope.depth);
    await outer.db.executeQuery(savepoint.begin);
    try {
      const result = await this.#ambient.run(scope, work, outer.db);
      await scope.tail;
      await outer.db.executeQuery(savepoint.release);
      outer.afterwards.push(...scope.afterwards);
      return result;
    } catch (error) {
      try {
        await outer.db.executeQuery(savepoint.rollBack);
        await outer.db.executeQuery(savepoint.release);
      } catch {
        throw new TransactionLost(error);
      }
      throw error;
    } finally {
      scope.open = false;
    }
  }
}
