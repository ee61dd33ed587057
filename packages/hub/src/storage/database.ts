import type { Kysely } from "kysely";
import { migrateToLatest } from "./migrations/migrate.ts";
import type { Tables } from "./tables.ts";

/** Where the state of a hub is kept. */
export type DatabaseLocation =
  /** A file; `:memory:` for one that is gone when it is closed. */
  | { kind: "sqlite"; path: string }
  /** `postgres://user:password@host:port/name` */
  | { kind: "postgres"; url: string };

/** The handle that queries run on: the database itself, or the transaction that is open. */
export type Queries = Kysely<Tables>;

/**
 * An open database. Transactions are ambient: inside the function given to
 * `transaction` or `write`, `db` is that transaction, also in the functions called from
 * there, so that several rooms can take part in one. An inner `transaction` or `write` is a
 * savepoint of the outer one. Inside, do database work only and await one step after the other.
 */
export interface Database extends AsyncDisposable {
  readonly dialect: "sqlite" | "postgres";
  readonly db: Queries;
  /** Runs `work` in a transaction of its own: all of it is on disk when the promise resolves, or nothing is. */
  readonly transaction: <T>(work: (db: Queries) => Promise<T>) => Promise<T>;
  /**
   * Like `transaction`, for short writes that come often. In SQLite, writes that arrive together share one
   * transaction and one fsync; one that fails rolls back its own part only. Resolves after the commit.
   */
  readonly write: <T>(work: (db: Queries) => Promise<T>) => Promise<T>;
  /**
   * Like `transaction`, but the commit does not wait for the disk: for records that nobody was promised, such as
   * traces. They outlive the end of this process; a power failure may take the last of them, never a part of one.
   */
  readonly record: <T>(work: (db: Queries) => Promise<T>) => Promise<T>;
  /**
   * Runs `work`, which must not throw, after the commit of the transaction that this is called in, never when it is
   * rolled back; at once outside of one.
   */
  readonly afterCommit: (work: () => void) => void;
  /** Asks the database something trivial; rejects when it cannot answer. */
  ping(): Promise<void>;
}

/**
 * Opens a database and brings its tables up to date.
 *
 * @throws HearthError `configuration_invalid` when the database was made by a newer Hearth or is
 * not a database, `unavailable` when it cannot be reached.
 */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  const database = await openDialect(location);
  try {
    await migrateToLatest(database.db);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  return database;
}

/** The drivers are loaded when they are needed: a hub on SQLite never pays for `pg`. */
async function openDialect(location: DatabaseLocation): Promise<Database> {
  if (location.kind === "sqlite") {
    const { openSqlite } = await import("./sqlite/open.ts");
    return await openSqlite(location.path);
  }
  const { openPostgres } = await import("./postgres/open.ts");
  return openPostgres(location.url);
}
