import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import type { Database } from "../database.ts";
import { translateDriverError } from "../errors.ts";
import type { Tables } from "../tables.ts";
import { Transactions } from "../transactions.ts";

/** int8: instants, counters and byte counts, all below 2^53. */
const int8 = 20;

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`the database holds ${text}, more than a number can carry exactly`);
  return value;
}

/** Opens a pool on a PostgreSQL server; connections are made when they are needed. */
export function openPostgres(url: string): Database {
  const where = withoutPassword(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 10_000,
    application_name: "hearth",
    types: {
      getTypeParser: (id, format) =>
        id === int8 && format !== "binary" ? parseInt8 : pg.types.getTypeParser(id, format),
    },
  });
  // A server that restarts ends idle connections; the pool replaces them, the next query reports what is wrong.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    // The same for one in use: its query rejects, and an event that nobody hears would end the process.
    client.on("error", () => undefined);
    translateQueryErrors(client, where);
  });
  const translated = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      throw translateDriverError(error, where);
    }
  };
  const root = new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: { options: pool.options, connect: () => translated(() => pool.connect()), end: () => pool.end() },
    }),
  });
  const transactions = new Transactions(root, {
    begin: "begin",
    relaxed: "set local synchronous_commit = off",
  });
  const transaction: Database["transaction"] = (work) =>
    transactions.nested(work) ?? translated(() => transactions.begin((open) => open.whole(work)));
  let closed: Promise<void> | undefined;
  return {
    dialect: "postgres",
    get db() {
      return transactions.db;
    },
    transaction,
    record: (work) =>
      transactions.nested(work) ??
      translated(() => transactions.begin((open) => open.whole(work), "relaxed")),
    // PostgreSQL groups the commits of its connections by itself.
    write: transaction,
    afterCommit: (work) => {
      transactions.afterCommit(work);
    },
    ping: async () => {
      await translated(() => sql`select 1`.execute(root));
    },
    [Symbol.asyncDispose]: () => {
      closed ??= transactions.drained().then(async () => {
        await root.destroy();
        if (!pool.ended) await pool.end();
      });
      return closed;
    },
  };
}

/** Queries outside of transactions are told apart, too; the driver has no place for that but its own method. */
function translateQueryErrors(client: pg.PoolClient, where: string): void {
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  const translating = (...parameters: unknown[]): unknown => {
    const result = query(...parameters);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw translateDriverError(error, where);
    });
  };
  client.query = translating as typeof client.query;
}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password !== "") parsed.password = "***";
    return parsed.href;
  } catch {
    return "postgres";
  }
}
