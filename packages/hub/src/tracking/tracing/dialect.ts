import { PostgresAdapter } from "kysely";
import type { Queries } from "../../storage/database.ts";

/** For the few things that the two databases say differently: row locks, JSON, percentiles. */
export function isPostgres(db: Queries): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
