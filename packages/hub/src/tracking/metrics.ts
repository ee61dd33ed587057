import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import type { MetricTable } from "../storage/tables.ts";

/** One value of a metric. `timestamp` is in ms since the epoch; `step` may be negative. */
export interface MetricPoint {
  key: string;
  value: number;
  step: number;
  timestamp: number;
}

const maxKeyLength = 250;
/** Six columns a row; SQLite takes 32,766 values in one statement, but nothing else runs meanwhile. */
const rowsPerStatement = 200;

/**
 * Stores points; an exact duplicate is dropped. The latest value of a key is the one with the largest
 * (step, timestamp, value), as in MLflow, whatever order the points come in. NaN is kept as NaN,
 * ±Infinity as the largest double.
 */
export async function insertMetrics(
  db: Queries,
  runId: string,
  points: readonly MetricPoint[],
): Promise<void> {
  const rows = points.map((point) => toRow(runId, point));
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    if (start > 0) await nextTurn();
    await db
      .insertInto("metrics")
      .values(rows.slice(start, start + rowsPerStatement))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const latest = latestByKey(rows);
  for (let start = 0; start < latest.length; start += rowsPerStatement) {
    if (start > 0) await nextTurn();
    await db
      .insertInto("latest_metrics")
      .values(latest.slice(start, start + rowsPerStatement))
      .onConflict((conflict) =>
        conflict
          .columns(["run_id", "key"])
          .doUpdateSet((row) => ({
            value: row.ref("excluded.value"),
            is_nan: row.ref("excluded.is_nan"),
            timestamp: row.ref("excluded.timestamp"),
            step: row.ref("excluded.step"),
          }))
          .where(
            sql<boolean>`(excluded.step, excluded.timestamp, excluded.value) > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)`,
          ),
      )
      .execute();
  }
}

/** A stored value as the API shows it: null stands for NaN. */
export function shownValue(row: { value: number; is_nan: number }): number | null {
  return row.is_nan === 1 ? null : row.value;
}

function toRow(runId: string, point: MetricPoint): MetricTable {
  if (point.key === "" || point.key.length > maxKeyLength || point.key.includes("\0")) {
    throw new HearthError(
      "invalid_request",
      `A metric's key has 1 to ${maxKeyLength} characters and no NUL; found ${JSON.stringify(point.key.slice(0, 300))}.`,
    );
  }
  for (const field of ["step", "timestamp"] as const) {
    if (!Number.isSafeInteger(point[field])) {
      throw new HearthError(
        "invalid_request",
        `The ${field} of metric ${point.key} must be a whole number; found ${point[field]}.`,
      );
    }
  }
  const isNan = Number.isNaN(point.value);
  const bounded = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, point.value));
  return {
    run_id: runId,
    key: point.key,
    // "+ 0" makes −0 the 0 that both databases keep.
    value: isNan ? 0 : bounded + 0,
    is_nan: isNan ? 1 : 0,
    timestamp: point.timestamp,
    step: point.step,
  };
}

/** One row a key, sorted by key: two writers that touch the same keys cannot wait for each other. */
function latestByKey(rows: readonly MetricTable[]): MetricTable[] {
  const latest = new Map<string, MetricTable>();
  for (const row of rows) {
    const known = latest.get(row.key);
    if (known === undefined || isLater(row, known)) latest.set(row.key, row);
  }
  return [...latest.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function isLater(a: MetricTable, b: MetricTable): boolean {
  return (
    a.step - b.step > 0 ||
    (a.step === b.step && (a.timestamp > b.timestamp || (a.timestamp === b.timestamp && a.value > b.value)))
  );
}
