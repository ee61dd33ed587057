import { sql, type RawBuilder, type SqlBool } from "kysely";
import type { Database } from "../storage/database.ts";
import { compare } from "./compare.ts";
import { compileOrder } from "./compile-order.ts";
import type { SortTerm } from "./condition.ts";
import type { Sql } from "./layout.ts";
import { runsLayout } from "./runs-layout.ts";

/** Which runs are looked at, before any filter. */
export interface RunScope {
  experimentIds: readonly string[];
  /** Null for both. */
  lifecycle: "active" | "deleted" | null;
}

/** With a unary plus SQLite does not read all runs of the experiments to find them. */
export function inScope(
  dialect: Database["dialect"],
  { experimentIds, lifecycle }: RunScope,
  plus: "" | "+",
): RawBuilder<SqlBool> {
  const experiments = inExperiments(dialect, experimentIds, plus);
  return lifecycle === null
    ? experiments
    : sql<SqlBool>`${experiments} and runs.lifecycle_stage = ${lifecycle}`;
}

export function inExperiments(
  dialect: Database["dialect"],
  experimentIds: readonly string[],
  plus: "" | "+",
): RawBuilder<SqlBool> {
  const column = sql`${sql.raw(plus)}runs.experiment_id`;
  const [only, ...more] = experimentIds;
  return more.length === 0
    ? sql<SqlBool>`${column} = ${only}`
    : compare(dialect, column, { type: "text", test: { comparator: "IN", value: experimentIds } });
}

/** Ties go to the run that started later, then to the smaller id. */
export function orderOf(dialect: Database["dialect"], terms: readonly SortTerm[]): Sql {
  const id = dialect === "postgres" ? sql`runs.id collate "C"` : sql`runs.id`;
  const started = terms.some(({ kind, key }) => kind === "attribute" && key === "start_time")
    ? []
    : [sql`runs.started_at desc`];
  return sql.join([...compileOrder(dialect, runsLayout, terms), ...started, id]);
}

export function all(parts: readonly RawBuilder<SqlBool>[]): Sql {
  return sql.join(parts, sql` and `);
}
