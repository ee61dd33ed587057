import type BetterSqlite3 from "better-sqlite3";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { translateDriverError } from "../errors.ts";

/** Distinct statements of the hub are a few hundred; multi-row inserts come in many lengths. */
const capacity = 256;

/** A better-sqlite3 database for Kysely that keeps prepared statements, the most recently used ones. */
export class StatementCache implements SqliteDatabase {
  readonly #database: BetterSqlite3.Database;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: BetterSqlite3.Database) {
    this.#database = database;
  }

  prepare(text: string): SqliteStatement {
    const known = this.#statements.get(text);
    if (known !== undefined) {
      this.#statements.delete(text);
      this.#statements.set(text, known);
      return known;
    }
    const statement = this.#prepare(text);
    this.#statements.set(text, statement);
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= capacity) break;
      this.#statements.delete(oldest);
    }
    return statement;
  }

  #prepare(text: string): SqliteStatement {
    const translated = <T>(step: () => T): T => {
      try {
        return step();
      } catch (error) {
        throw translateDriverError(error, this.#database.name);
      }
    };
    const statement = translated(() => this.#database.prepare<unknown[], unknown>(text));
    // `begin immediate` counts as a write; a transaction's end is waited for by whoever is told of it.
    const writes = !statement.readonly && !text.startsWith("begin");
    const run = <T>(step: () => T): T =>
      translated(writes && !this.#database.inTransaction ? () => this.#synced(step) : step);
    return {
      reader: statement.reader,
      all: (parameters) => run(() => statement.all(...parameters)),
      run: (parameters) => run(() => statement.run(...parameters)),
      iterate: (parameters) => translated(() => statement.iterate(...parameters)),
    };
  }

  /** A write outside of a transaction is committed by itself, and nobody would wait for the disk afterwards. */
  #synced<T>(step: () => T): T {
    this.#database.pragma("synchronous = FULL");
    try {
      return step();
    } finally {
      this.#database.pragma("synchronous = NORMAL");
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}
