import { setImmediate as nextTurn } from "node:timers/promises";
import { CompiledQuery, PostgresAdapter } from "kysely";
import type { Queries } from "../../storage/database.ts";
import { findSeries, type SeriesPoint } from "./history.ts";

export interface TextRequest {
  runId: string;
  key: string;
  /** Points to pass over. */
  offset?: number;
  /** Points to give; default: all that are left. */
  limit?: number;
  /** Whether each point names its run. */
  withRun?: boolean;
}

/** Points of one text: about a millisecond of work. */
const pointsPerText = 2000;

/**
 * The history of a metric as JSON text, `{"key","value","timestamp","step"}` after one another with commas
 * between, some at a time. The database writes the text itself: four times as fast as rows that become text here.
 * NaN is the text "NaN".
 */
export async function* historyTexts(
  db: Queries,
  { runId, key, offset = 0, limit = Infinity, withRun = false }: TextRequest,
): AsyncGenerator<{ text: string; count: number }, void, void> {
  const series = await findSeries(db, runId, key);
  if (series === undefined) return;
  const statements = writeStatements(db);
  let last: SeriesPoint | undefined;
  if (offset > 0) {
    last = await pointAt(db, statements, series, last, offset - 1);
    if (last === undefined) return;
  }
  let left = limit;
  while (left > 0) {
    if (left !== limit) await nextTurn();
    const edge = await pointAt(db, statements, series, last, Math.min(pointsPerText, left) - 1);
    const names = withRun ? [key, runId] : [key];
    const [row] = await rows<{ count: number; list: string | null }>(
      db,
      statements.list(withRun, last !== undefined, edge !== undefined),
      [...names, series, ...tuple(last), ...tuple(edge)],
    );
    const list = row?.list ?? "[]";
    if (row === undefined || row.count === 0) return;
    yield { text: list.slice(1, -1), count: row.count };
    // Without an edge these were the last ones.
    if (edge === undefined) return;
    left -= row.count;
    last = edge;
  }
}

/** The point so many after `last`, or after the first one. */
async function pointAt(
  db: Queries,
  statements: Statements,
  series: number,
  last: SeriesPoint | undefined,
  offset: number,
): Promise<SeriesPoint | undefined> {
  const values = [series, ...tuple(last), offset];
  const [point] = await rows<SeriesPoint>(db, statements.at(last !== undefined), values);
  return point;
}

function tuple(point: SeriesPoint | undefined): number[] {
  return point === undefined ? [] : [point.timestamp, point.step, point.value, point.is_nan];
}

async function rows<Row>(db: Queries, text: string, values: readonly unknown[]): Promise<Row[]> {
  return (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
}

interface Statements {
  at: (after: boolean) => string;
  list: (withRun: boolean, after: boolean, upTo: boolean) => string;
}

const columns = "timestamp, step, value, is_nan";

function writeStatements(db: Queries): Statements {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const types = ["bigint", "bigint", "double precision", "integer"];
  /** Places of values in the text, counted in the order in which they are asked for. */
  const counter = () => {
    let count = 0;
    return (type: string) => (postgres ? `$${(count += 1)}::${type}` : "?");
  };
  const compared = (place: (type: string) => string, comparison: string) =>
    `(${columns}) ${comparison} (${types.map(place).join(", ")})`;
  return {
    at: (after) => {
      const place = counter();
      const conditions = [`series_id = ${place("bigint")}`, ...(after ? [compared(place, ">")] : [])];
      return `select ${columns} from metric_points where ${conditions.join(" and ")}
        order by ${columns} limit 1 offset ${place("bigint")}`;
    },
    list: (withRun, after, upTo) => {
      const place = counter();
      const named = [`'key', ${place("text")}`];
      const run = withRun ? [`'run_id', ${place("text")}`] : [];
      const conditions = [`series_id = ${place("bigint")}`];
      if (after) conditions.push(compared(place, ">"));
      if (upTo) conditions.push(compared(place, "<="));
      const value = postgres
        ? "case is_nan when 1 then to_json('NaN'::text) else to_json(value) end"
        : "case is_nan when 1 then 'NaN' else value end";
      const fields = [...named, `'value', ${value}`, "'timestamp', timestamp", "'step', step", ...run];
      const list = postgres
        ? `json_agg(json_build_object(${fields.join(", ")}) order by ${columns})::text`
        : `json_group_array(json_object(${fields.join(", ")}))`;
      return `select count(*) as count, ${list} as list from
        (select ${columns} from metric_points where ${conditions.join(" and ")} order by ${columns}) points`;
    },
  };
}
