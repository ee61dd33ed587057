import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type { Queries } from "../../storage/database.ts";
import type { MetricCellTable, MetricPointTable } from "../../storage/tables/tracking.ts";
import { cellWidths } from "./cells.ts";
import { inSpans, packSpans, spanTable, type Span } from "./spans.ts";

/** A part of series; both ends of each are inclusive, without one there is none. */
export interface Part {
  startStep?: number | undefined;
  endStep?: number | undefined;
  /** ms since the epoch */
  startTime?: number | undefined;
  endTime?: number | undefined;
}

/** Where the points of a series in a part are. */
export interface Extent {
  series: number;
  /** Steps, to the narrowest cell. */
  from: number;
  to: number;
  /** Times, in ms since the epoch. */
  low: number;
  high: number;
  /** Of the narrowest width. */
  cells: number;
}

const narrowest = cellWidths[0];
/** A cell stands for some dozens of points: so many series are a few milliseconds of work. */
const seriesPerRead = 50;

/** The extents of the series that have anything in the part, by their ids. */
export async function findExtents(
  db: Queries,
  series: readonly number[],
  { startStep, endStep, startTime, endTime }: Part,
): Promise<Map<number, Extent>> {
  const extents = new Map<number, Extent>();
  for (let start = 0; start < series.length; start += seriesPerRead) {
    await nextTurn();
    let query = db
      .selectFrom("metric_cells")
      .select((row) => [
        "series_id",
        row.fn.countAll<number>().as("cells"),
        row.fn.min("cell").as("first"),
        row.fn.max("cell").as("last"),
        row.fn.min("first_timestamp").as("low"),
        row.fn.max("last_timestamp").as("high"),
      ])
      .where("series_id", "in", series.slice(start, start + seriesPerRead))
      .where("width", "=", narrowest)
      .groupBy("series_id");
    if (startStep !== undefined) query = query.where("cell", ">=", Math.floor(startStep / narrowest));
    if (endStep !== undefined) query = query.where("cell", "<=", Math.floor(endStep / narrowest));
    if (startTime !== undefined) query = query.where("last_timestamp", ">=", startTime);
    if (endTime !== undefined) query = query.where("first_timestamp", "<=", endTime);
    for (const { series_id, cells, first, last, low, high } of await query.execute()) {
      const extent = {
        series: series_id,
        cells,
        from: Math.max(first * narrowest, startStep ?? -Infinity),
        to: Math.min((last + 1) * narrowest - 1, endStep ?? Infinity),
        low: Math.max(low, startTime ?? -Infinity),
        high: Math.min(high, endTime ?? Infinity),
      };
      if (extent.from <= extent.to && extent.low <= extent.high) extents.set(series_id, extent);
    }
  }
  return extents;
}

/** How many points there are between the times of extents, counted up to `most`. */
export async function countPoints(
  db: Queries,
  extents: readonly Extent[],
  most: number,
): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  const spans = extents.map(({ series, low, high }): Span => ({ series, low, high, rows: 0 }));
  for (const pack of packSpans(spans)) {
    await nextTurn();
    const { rows } = await sql<{ series: number; count: number }>`
      select spans.series as series, (select count(*) from (
        select 1 as one from metric_points where series_id = spans.series
        and timestamp >= spans.low and timestamp <= spans.high limit ${sql.lit(most)}) as found) as count
      from ${spanTable(db, pack)}`.execute(db);
    for (const { series, count } of rows) counts.set(series, count);
  }
  return counts;
}

/** The points between the times of spans that are in the part, in no order. */
export async function readSpans(
  db: Queries,
  spans: readonly Span[],
  { startStep, endStep }: Part,
): Promise<MetricPointTable[]> {
  const { rows } = await sql<MetricPointTable>`
    select series_id, timestamp, step, value, is_nan from ${inSpans(
      db,
      spans,
      sql`metric_points where series_id = spans.series and timestamp >= spans.low and timestamp <= spans.high`,
    )}`.execute(db);
  if (startStep === undefined && endStep === undefined) return rows;
  return rows.filter(({ step }) => step >= (startStep ?? step) && step <= (endStep ?? step));
}

/** The cells of spans, in no order. */
export async function readCells(
  db: Queries,
  spans: readonly Span[],
  width: number,
): Promise<MetricCellTable[]> {
  const { rows } = await sql<MetricCellTable>`
    select series_id, width, cell, first_timestamp, last_timestamp,
      min_value, min_step, min_timestamp, max_value, max_step, max_timestamp
    from ${inSpans(
      db,
      spans,
      sql`metric_cells where series_id = spans.series and width = ${sql.lit(width)}
        and cell >= spans.low and cell <= spans.high`,
    )}`.execute(db);
  return rows;
}
