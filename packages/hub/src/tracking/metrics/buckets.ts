import type { Queries } from "../../storage/database.ts";
import { cellWidths } from "./cells.ts";
import { eachPoints, findSeries, type SeriesPoint } from "./history.ts";

/** Cells must be this much narrower than a bucket, or rounding to whole cells would cost many buckets. */
const cellsPerBucket = 4;

export interface BucketRequest {
  runId: string;
  key: string;
  /** Both inclusive; default: all steps there are. */
  startStep?: number | undefined;
  endStep?: number | undefined;
  buckets: number;
}

/**
 * A metric for a chart of `buckets` equal spans of steps: of each the smallest and the largest point, so
 * that no peak is lost at any zoom; every point where there are no more than two for each bucket. Ordered
 * by step. The cost depends on the buckets and not on the points. NaN only shows where every point does.
 */
export async function readBuckets(
  db: Queries,
  { runId, key, startStep, endStep, buckets }: BucketRequest,
): Promise<SeriesPoint[]> {
  const series = await findSeries(db, runId, key);
  if (series === undefined) return [];
  const all = await stepsOf(db, series);
  if (all === undefined) return [];
  const from = Math.max(startStep ?? all.from, all.from);
  const to = Math.min(endStep ?? all.to, all.to);
  if (from > to) return [];
  const wanted = (to - from + 1) / buckets;
  const width = cellWidths.findLast((candidate) => candidate * cellsPerBucket <= wanted);
  // Without cells that are narrow enough the points themselves are few.
  if (width === undefined) return await fromPoints(db, series, { from, to }, buckets);
  return await fromCells(db, series, { from, to }, Math.ceil(wanted / width) * width, width);
}

interface Steps {
  from: number;
  to: number;
}

/** First and last step of a series, to the cell. */
async function stepsOf(db: Queries, series: number): Promise<Steps | undefined> {
  const width = cellWidths[0];
  const edge = (order: "asc" | "desc") =>
    db
      .selectFrom("metric_cells")
      .select("cell")
      .where("series_id", "=", series)
      .where("width", "=", width)
      .orderBy("cell", order)
      .limit(1)
      .executeTakeFirst();
  const [first, last] = [await edge("asc"), await edge("desc")];
  if (first === undefined || last === undefined) return undefined;
  return { from: first.cell * width, to: (last.cell + 1) * width - 1 };
}

async function fromCells(
  db: Queries,
  series: number,
  { from, to }: Steps,
  bucketWidth: number,
  width: number,
): Promise<SeriesPoint[]> {
  const rows = await db
    .selectFrom("metric_cells")
    .select(["cell", "min_value", "min_step", "min_timestamp", "max_value", "max_step", "max_timestamp"])
    .where("series_id", "=", series)
    .where("width", "=", width)
    .where("cell", ">=", Math.floor(from / width))
    .where("cell", "<=", Math.floor(to / width))
    .orderBy("cell")
    .execute();
  const extremes = new Extremes();
  const start = Math.floor(from / width) * width;
  for (const row of rows) {
    const bucket = Math.floor((row.cell * width - start) / bucketWidth);
    if (row.min_value !== null && row.max_value !== null) {
      extremes.add(bucket, pointOf(row.min_timestamp, row.min_step, row.min_value));
      extremes.add(bucket, pointOf(row.max_timestamp, row.max_step, row.max_value));
    }
  }
  return extremes.points();
}

function pointOf(timestamp: number | null, step: number | null, value: number): SeriesPoint {
  return { timestamp: timestamp ?? 0, step: step ?? 0, value, is_nan: 0 };
}

async function fromPoints(
  db: Queries,
  series: number,
  { from, to }: Steps,
  buckets: number,
): Promise<SeriesPoint[]> {
  const width = cellWidths[0];
  // Points are in the order of time; the cells tell which time has these steps.
  const span = await db
    .selectFrom("metric_cells")
    .select((row) => [row.fn.min("first_timestamp").as("from"), row.fn.max("last_timestamp").as("to")])
    .where("series_id", "=", series)
    .where("width", "=", width)
    .where("cell", ">=", Math.floor(from / width))
    .where("cell", "<=", Math.floor(to / width))
    .executeTakeFirst();
  if (span === undefined || span.from === null) return [];
  const few: SeriesPoint[] = [];
  const extremes = new Extremes();
  const bucketWidth = Math.max(1, (to - from + 1) / buckets);
  let count = 0;
  for await (const points of eachPoints(db, series, { from: span.from, to: span.to })) {
    for (const point of points) {
      if (point.step < from || point.step > to) continue;
      count += 1;
      if (count <= buckets * 2) few.push(point);
      if (point.is_nan === 0) extremes.add(Math.floor((point.step - from) / bucketWidth), point);
    }
  }
  return count <= buckets * 2 ? few.toSorted(byStep) : extremes.points();
}

/** The smallest and the largest point of each bucket. */
class Extremes {
  readonly #buckets = new Map<number, { min: SeriesPoint; max: SeriesPoint }>();

  add(bucket: number, point: SeriesPoint): void {
    const found = this.#buckets.get(bucket);
    if (found === undefined) {
      this.#buckets.set(bucket, { min: point, max: point });
      return;
    }
    if (point.value < found.min.value) found.min = point;
    if (point.value > found.max.value) found.max = point;
  }

  points(): SeriesPoint[] {
    return [...this.#buckets.values()]
      .flatMap(({ min, max }) => (min === max ? [min] : [min, max]))
      .toSorted(byStep);
  }
}

function byStep(a: SeriesPoint, b: SeriesPoint): number {
  return a.step - b.step || a.timestamp - b.timestamp || a.value - b.value;
}
