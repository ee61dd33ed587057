import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteAdapter, SqliteDialect, sql } from "kysely";
import { HearthError } from "../../errors.ts";
import { matchesExpression } from "../../search/regular-expression/regular-expression.ts";
import type { Database } from "../database.ts";
import { translateDriverError } from "../errors.ts";
import type { Tables } from "../tables.ts";
import { Transactions } from "../transactions.ts";
import { GroupCommit } from "./group-commit.ts";
import { LogSync } from "./log-sync.ts";
import { StatementCache } from "./statement-cache.ts";

/** SQLite rolls back `create table` like anything else; with this a migration happens whole or not at all. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

/**
 * Opens a SQLite file (made when missing): WAL, every commit on disk before anybody hears of it, foreign keys enforced.
 *
 * @throws HearthError `configuration_invalid` when the file is no database or cannot be opened.
 */
export async function openSqlite(path: string): Promise<Database> {
  const connection = connect(path);
  const root = new Kysely<Tables>({
    dialect: new TransactionalSqliteDialect({ database: new StatementCache(connection) }),
  });
  const logSync = new LogSync(path);
  const transactions = new Transactions(root, {
    begin: "begin immediate",
    ...(path === ":memory:" ? {} : { persist: () => logSync.sync() }),
  });
  const groupCommit = new GroupCommit(transactions);
  let closed: Promise<void> | undefined;
  return {
    dialect: "sqlite",
    get db() {
      return transactions.db;
    },
    transaction: (work) =>
      transactions.nested(work) ?? transactions.begin((transaction) => transaction.whole(work)),
    write: (work) => transactions.nested(work) ?? groupCommit.write(work),
    record: (work) =>
      transactions.nested(work) ?? transactions.begin((transaction) => transaction.whole(work), "relaxed"),
    afterCommit: (work) => {
      transactions.afterCommit(work);
    },
    ping: async () => {
      await sql`select 1`.execute(root);
    },
    [Symbol.asyncDispose]: () => {
      closed ??= groupCommit.drained().then(async () => {
        await transactions.drained();
        await logSync[Symbol.asyncDispose]();
        await root.destroy();
        // Kysely closes only what it has used.
        if (connection.open) connection.close();
      });
      return closed;
    },
  };
}

function connect(path: string): BetterSqlite3.Database {
  let connection: BetterSqlite3.Database | undefined;
  try {
    connection = new BetterSqlite3(path, { timeout: 5000 });
    connection.pragma("journal_mode = WAL");
    // A commit does not wait for the disk; who is told of it does: see LogSync.
    connection.pragma("synchronous = NORMAL");
    connection.pragma("foreign_keys = ON");
    connection.pragma("temp_store = MEMORY");
    // KiB. The driver's own 16 MB stand a second time in the system's cache of the file.
    connection.pragma("cache_size = -8000");
    // Pages (16 MB) after which the log is copied into the file: hot pages are then copied four times less often.
    connection.pragma("wal_autocheckpoint = 4000");
    // Text of deleted rows (names, messages) does not stay readable in the file.
    connection.pragma("secure_delete = FAST");
    // What SQLite calls for `text regexp pattern`.
    connection.function("regexp", { deterministic: true }, (pattern, text) =>
      typeof text === "string" ? Number(matchesExpression(String(pattern), text)) : null,
    );
    return connection;
  } catch (error) {
    connection?.close();
    // better-sqlite3 checks the folder by itself.
    if (error instanceof TypeError) {
      throw new HearthError(
        "configuration_invalid",
        `The database ${path} cannot be opened: ${error.message}.`,
        {
          cause: error,
          details: { database: path },
        },
      );
    }
    throw translateDriverError(error, path);
  }
}
