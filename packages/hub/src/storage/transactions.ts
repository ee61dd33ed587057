import { AsyncLocalStorage } from "node:async_hooks";
import { sql, type Kysely } from "kysely";
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

export interface TransactionStatements {
  begin: string;
  /** What makes the commit of one transaction not wait for the disk: around it, or as its first statement. */
  relaxed: { before?: string; inside?: string; after?: string };
}

/** Keeps which transaction the running code is in, over `await`s. */
export class Transactions {
  readonly #root: Kysely<Tables>;
  readonly #statements: TransactionStatements;
  readonly #ambient = new AsyncLocalStorage<Scope>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(root: Kysely<Tables>, statements: TransactionStatements) {
    this.#root = root;
    this.#statements = statements;
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
  begin<T>(
    use: (transaction: OpenTransaction) => Promise<T>,
    durability: "full" | "relaxed" = "full",
  ): Promise<T> {
    const running = this.#begin(use, durability === "relaxed" ? this.#statements.relaxed : null);
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  /** Resolves when no transaction is open or waits for a connection. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #begin<T>(
    use: (transaction: OpenTransaction) => Promise<T>,
    relaxed: TransactionStatements["relaxed"] | null,
  ): Promise<T> {
    const afterwards: (() => void)[] = [];
    const result = await this.#root.connection().execute(async (connection) => {
      const run = async (statement: string | undefined) => {
        if (statement !== undefined) await sql.raw(statement).execute(connection);
      };
      const scope: Scope = { db: connection, depth: 0, open: true, tail: Promise.resolve(), afterwards: [] };
      await run(relaxed?.before);
      try {
        await run(this.#statements.begin);
        await run(relaxed?.inside);
        const result = await use({
          part: (work) => this.#savepoint(scope, work),
          whole: (work) => this.#ambient.run(scope, work, connection),
        });
        await scope.tail;
        await sql`commit`.execute(connection);
        afterwards.push(...scope.afterwards);
        return result;
      } catch (error) {
        // The database may have rolled back already (full disk), or never begun; its answer to this one is then of no interest.
        await sql`rollback`.execute(connection).catch(() => undefined);
        throw error;
      } finally {
        scope.open = false;
        await run(relaxed?.after);
      }
    });
    for (const work of afterwards) work();
    return result;
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
    const name = sql.raw(`part_${scope.depth}`);
    await sql`savepoint ${name}`.execute(outer.db);
    try {
      const result = await this.#ambient.run(scope, work, outer.db);
      await scope.tail;
      await sql`release savepoint ${name}`.execute(outer.db);
      outer.afterwards.push(...scope.afterwards);
      return result;
    } catch (error) {
      try {
        await sql`rollback to savepoint ${name}`.execute(outer.db);
        await sql`release savepoint ${name}`.execute(outer.db);
      } catch {
        throw new TransactionLost(error);
      }
      throw error;
    } finally {
      scope.open = false;
    }
  }
}
