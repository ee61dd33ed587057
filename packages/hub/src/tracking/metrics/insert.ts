import { setImmediate as nextTurn } from "node:timers/promises";
import type { Queries } from "../../storage/database.ts";
import { RowInsert } from "../../storage/insert-rows.ts";
import { cellsOf } from "./cells.ts";
import { isLater, type StoredPoint } from "./points.ts";

/** Rows after which others get their turn: a batch of 1000 points is a few of these. */
const rowsPerTurn = 1000;

const isNewer =
  "(excluded.step, excluded.timestamp, excluded.value) > (metric_series.step, metric_series.timestamp, metric_series.value)";
const newer = (column: string) =>
  `${column} = case when ${isNewer} then excluded.${column} else metric_series.${column} end`;

const insertSeries = new RowInsert(
  "metric_series",
  {
    run_id: "text",
    key: "text",
    value: "double precision",
    is_nan: "integer",
    timestamp: "bigint",
    step: "bigint",
  },
  `on conflict (run_id, key) do update set ${["value", "is_nan", "timestamp", "step"].map(newer).join(", ")} returning id, run_id, key`,
);

const insertPoints = new RowInsert(
  "metric_points",
  {
    series_id: "bigint",
    timestamp: "bigint",
    step: "bigint",
    value: "double precision",
    is_nan: "integer",
  },
  "on conflict do nothing",
);

const moreExtreme = (side: "min" | "max", comparison: "<" | ">") => {
  const found = `(excluded.${side}_value is not null and (metric_cells.${side}_value is null or excluded.${side}_value ${comparison} metric_cells.${side}_value or (excluded.${side}_value = metric_cells.${side}_value and excluded.${side}_step < metric_cells.${side}_step)))`;
  return ["value", "step", "timestamp"].map(
    (part) =>
      `${side}_${part} = case when ${found} then excluded.${side}_${part} else metric_cells.${side}_${part} end`,
  );
};
const widened = (column: string, comparison: "<" | ">") =>
  `${column} = case when excluded.${column} ${comparison} metric_cells.${column} then excluded.${column} else metric_cells.${column} end`;

const insertCells = new RowInsert(
  "metric_cells",
  {
    series_id: "bigint",
    width: "integer",
    cell: "bigint",
    first_timestamp: "bigint",
    last_timestamp: "bigint",
    min_value: "double precision",
    min_step: "bigint",
    min_timestamp: "bigint",
    max_value: "double precision",
    max_step: "bigint",
    max_timestamp: "bigint",
  },
  `on conflict (series_id, width, cell) do update set ${[
    widened("first_timestamp", "<"),
    widened("last_timestamp", ">"),
    ...moreExtreme("min", "<"),
    ...moreExtreme("max", ">"),
  ].join(", ")}`,
);

export interface RunPoints {
  runId: string;
  points: readonly StoredPoint[];
}

/**
 * Stores points of runs; an exact duplicate is dropped. The latest value of a key is the one with the largest
 * (step, timestamp, value), as in MLflow, whatever order the points come in. NaN is kept as NaN, ±Infinity as
 * the largest double. For inside a transaction.
 */
export async function insertMetrics(db: Queries, batches: readonly RunPoints[]): Promise<void> {
  const series = seriesOf(batches);
  const ids = await insertSeries.run<{ id: number; run_id: string; key: string }>(
    db,
    series.map(({ runId, latest: { key, value, is_nan, timestamp, step } }) => [
      runId,
      key,
      value,
      is_nan,
      timestamp,
      step,
    ]),
  );
  const idOf = new Map(ids.map(({ id, run_id, key }) => [`${run_id}\0${key}`, id]));
  const points: unknown[][] = [];
  const cells: unknown[][] = [];
  for (const { runId, latest, points: own } of series) {
    const id = idOf.get(`${runId}\0${latest.key}`);
    for (const { timestamp, step, value, is_nan } of own) points.push([id, timestamp, step, value, is_nan]);
    for (const cell of cellsOf(own)) {
      cells.push([
        id,
        cell.width,
        cell.cell,
        cell.first_timestamp,
        cell.last_timestamp,
        cell.min_value,
        cell.min_step,
        cell.min_timestamp,
        cell.max_value,
        cell.max_step,
        cell.max_timestamp,
      ]);
    }
  }
  await inTurns(points, (rows) => insertPoints.run(db, rows));
  await inTurns(cells, (rows) => insertCells.run(db, rows));
}

async function inTurns(rows: unknown[][], insert: (rows: unknown[][]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerTurn) {
    if (start > 0) await nextTurn();
    await insert(rows.slice(start, start + rowsPerTurn));
  }
}

interface Series {
  runId: string;
  latest: StoredPoint;
  points: StoredPoint[];
}

/** Points by run and key, sorted: two writers that touch the same series cannot wait for each other. */
function seriesOf(batches: readonly RunPoints[]): Series[] {
  const runs = new Map<string, Map<string, Series>>();
  for (const { runId, points } of batches) {
    const keys = runs.get(runId) ?? new Map<string, Series>();
    runs.set(runId, keys);
    for (const point of points) {
      const series = keys.get(point.key);
      if (series === undefined) keys.set(point.key, { runId, latest: point, points: [point] });
      else {
        series.points.push(point);
        if (isLater(point, series.latest)) series.latest = point;
      }
    }
  }
  return [...runs.values()]
    .flatMap((keys) => [...keys.values()])
    .toSorted((a, b) => compare(a.runId, b.runId) || compare(a.latest.key, b.latest.key));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
