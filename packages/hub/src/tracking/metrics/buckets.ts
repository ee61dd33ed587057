import { setImmediate as nextTurn } from "node:timers/promises";
import type { Queries } from "../../storage/database.ts";
import { cellWidths } from "./cells.ts";
import { countPoints, findExtents, readCells, readSpans, type Extent, type Part } from "./extents.ts";
import { byStep, Extremes } from "./extremes.ts";
import { findManySeries, type SeriesName } from "./find-series.ts";
import type { SeriesPoint } from "./history.ts";
import { packSpans, type Span } from "./spans.ts";

export interface BucketRequest extends SeriesName, Part {
  buckets: number;
}

export interface ManyBuckets extends Part {
  series: readonly SeriesName[];
  buckets: number;
}

/** A series as a chart shows it. */
export interface ChartedSeries {
  /** Whether every point of the part is here. */
  complete: boolean;
  /** Ordered by step. */
  points: SeriesPoint[];
}

/** Cells must be this much narrower than a bucket, or rounding to whole cells would cost many buckets. */
const cellsPerBucket = 4;
/** Rows that a whole answer is made of: about a tenth of a second. */
const rowsPerAnswer = 100_000;
/** Of each series at least so many are read, however many series there are, and at most so many. */
const rowsPerSeries = { least: 200, most: 50_000 };
/**
 * So few cells would hide a series whose points share their steps, as those of who logs without a step do: so many
 * times the rows are read of it.
 */
const crowded = { cells: 4, times: 10 };
const [fineWidth, coarseWidth] = cellWidths;

/** As `readManyBuckets`, of one series; nothing of one that does not exist. */
export async function readBuckets(
  db: Queries,
  { runId, key, buckets, ...part }: BucketRequest,
): Promise<SeriesPoint[]> {
  const [found] = await readManyBuckets(db, { series: [{ runId, key }], buckets, ...part });
  return found?.points ?? [];
}

/**
 * Metrics for a chart of `buckets` equal spans of steps, or of time where there are fewer steps than that: of each
 * the smallest and the largest point, so that no peak is lost at any zoom; every point where there are no more than
 * two for each bucket. The cost depends on the buckets and not on the points: the more series are asked for at once,
 * the wider the buckets may be. NaN only shows where every point does. Whole cells may reach over the edges of a
 * part. In the order of the request; nothing of a series that does not exist.
 */
export async function readManyBuckets(db: Queries, request: ManyBuckets): Promise<ChartedSeries[]> {
  const { series, buckets } = request;
  const ids = await findManySeries(db, series);
  const known = [...new Set(ids.filter((id) => id !== undefined))];
  const budget = Math.max(
    rowsPerSeries.least,
    Math.min(rowsPerSeries.most, Math.floor(rowsPerAnswer / Math.max(1, known.length))),
  );
  const extents = await findExtents(db, known, request);
  const plans: Plan[] = [];
  for (const times of [1, crowded.times]) {
    const own = [...extents.values()].filter(({ cells }) => cells <= crowded.cells === times > 1);
    const limit = Math.min(rowsPerSeries.most, budget * times);
    // One more than can be read tells enough.
    const counts = await countPoints(
      db,
      own.filter(({ cells }) => cells <= limit),
      limit + 1,
    );
    for (const extent of own)
      plans.push(planOf(extent, counts.get(extent.series) ?? Infinity, { buckets, limit }));
  }
  await readPoints(
    db,
    plans.filter(({ width }) => width === undefined),
    request,
  );
  for (const width of cellWidths) {
    const own = plans.filter((plan) => plan.width === width);
    await readFromCells(db, own, width);
  }
  const charted = new Map(plans.map((plan) => [plan.extent.series, chartedOf(plan)]));
  return ids.map((id) => (id === undefined ? undefined : charted.get(id)) ?? { complete: true, points: [] });
}

interface Plan {
  extent: Extent;
  /** Of the cells to read; undefined: the points themselves. */
  width: number | undefined;
  /** At least, rows that will be read. */
  rows: number;
  /** All points, as long as they are few enough to show. */
  few: SeriesPoint[] | null;
  most: number;
  extremes: Extremes;
  bucketOf: (point: { step: number; timestamp: number }) => number;
}

function planOf(extent: Extent, count: number, { buckets, limit }: { buckets: number; limit: number }): Plan {
  const { cells, from, to, low, high } = extent;
  const steps = to - from + 1;
  const wanted = steps / buckets;
  const most = buckets * 2;
  // Fewer steps than buckets: many points share one, and time tells them apart.
  const byTime = steps < buckets;
  const bucketWidth = byTime ? (high - low + 1) / buckets : Math.max(1, wanted);
  const plan = { extent, most, extremes: new Extremes() };
  const ofPoints: Plan = {
    ...plan,
    width: undefined,
    rows: count,
    few: [],
    bucketOf: ({ step, timestamp }) => Math.floor((byTime ? timestamp - low : step - from) / bucketWidth),
  };
  if (count <= Math.min(most, limit)) return ofPoints;
  let width = cellWidths.findLast((candidate) => candidate * cellsPerBucket <= wanted);
  if (width === undefined && count <= limit) return ofPoints;
  // What is too much to read is read more coarsely.
  width ??= fineWidth;
  if (width === fineWidth && cells > limit) width = coarseWidth;
  const perBucket = Math.max(1, Math.ceil(wanted / width)) * width;
  const start = Math.floor(from / width) * width;
  return {
    ...plan,
    width,
    rows: Math.min(cells, Math.floor(to / width) - Math.floor(from / width) + 1),
    few: null,
    bucketOf: ({ step }) => Math.floor((step - start) / perBucket),
  };
}

async function readPoints(db: Queries, plans: readonly Plan[], part: Part): Promise<void> {
  const byId = new Map(plans.map((plan) => [plan.extent.series, plan]));
  const spans = plans.map(({ extent: { series, low, high }, rows }): Span => ({ series, low, high, rows }));
  for (const pack of packSpans(spans)) {
    await nextTurn();
    for (const { series_id, ...point } of await readSpans(db, pack, part)) {
      const plan = byId.get(series_id);
      if (plan === undefined) continue;
      if (plan.few !== null && plan.few.length < plan.most) plan.few.push(point);
      else plan.few = null;
      if (point.is_nan === 0) plan.extremes.add(plan.bucketOf(point), point);
    }
  }
}

async function readFromCells(db: Queries, plans: readonly Plan[], width: number): Promise<void> {
  const byId = new Map(plans.map((plan) => [plan.extent.series, plan]));
  const spans = plans.map(({ extent: { series, from, to }, rows }): Span => ({
    series,
    low: Math.floor(from / width),
    high: Math.floor(to / width),
    rows,
  }));
  for (const pack of packSpans(spans)) {
    await nextTurn();
    for (const cell of await readCells(db, pack, width)) {
      const plan = byId.get(cell.series_id);
      if (plan === undefined) continue;
      const bucket = plan.bucketOf({ step: cell.cell * width, timestamp: cell.first_timestamp });
      const { min_value, min_step, min_timestamp, max_value, max_step, max_timestamp } = cell;
      // Null: every value of the cell is NaN.
      if (min_value !== null && min_step !== null && min_timestamp !== null)
        plan.extremes.add(bucket, { timestamp: min_timestamp, step: min_step, value: min_value, is_nan: 0 });
      if (max_value !== null && max_step !== null && max_timestamp !== null)
        plan.extremes.add(bucket, { timestamp: max_timestamp, step: max_step, value: max_value, is_nan: 0 });
    }
  }
}

function chartedOf({ few, extremes }: Plan): ChartedSeries {
  return few === null
    ? { complete: false, points: extremes.points() }
    : { complete: true, points: few.toSorted(byStep) };
}
