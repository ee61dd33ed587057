import type { Queries } from "../../storage/database.ts";
import type { MetricPointTable } from "../../storage/tables/tracking.ts";

/** A point of one series. */
export type SeriesPoint = Omit<MetricPointTable, "series_id">;

/** Points that are read at once: about a millisecond of work each time. */
const pointsPerRead = 2000;

/** The series of a metric; undefined when the run has no such metric. */
export async function findSeries(db: Queries, runId: string, key: string): Promise<number | undefined> {
  const row = await db
    .selectFrom("metric_series")
    .select("id")
    .where("run_id", "=", runId)
    .where("key", "=", key)
    .executeTakeFirst();
  return row?.id;
}

/** A page of the history of one metric, ordered by (timestamp, step, value), and how many points there are. */
export async function readHistory(
  db: Queries,
  runId: string,
  key: string,
  page: { limit: number; offset: number },
): Promise<{ total: number; points: SeriesPoint[] }> {
  const series = await findSeries(db, runId, key);
  if (series === undefined) return { total: 0, points: [] };
  const { total } = await db
    .selectFrom("metric_points")
    .where("series_id", "=", series)
    .select((row) => row.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return { total, points: await readPoints(db, series, page) };
}

/** Points of a series from the one at `offset` on, ordered by (timestamp, step, value). */
export async function readPoints(
  db: Queries,
  series: number,
  page: { limit: number; offset: number },
): Promise<SeriesPoint[]> {
  return await db
    .selectFrom("metric_points")
    .where("series_id", "=", series)
    .select(["timestamp", "step", "value", "is_nan"])
    .orderBy("timestamp")
    .orderBy("step")
    .orderBy("value")
    .orderBy("is_nan")
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

/**
 * The points of a series in the order of a history, a few at a time, so that other requests get their turn
 * between two reads. Ends before the first point that is `after` or later, where given.
 */
export async function* eachPoints(
  db: Queries,
  series: number,
  span: { from?: number; to?: number } = {},
): AsyncGenerator<SeriesPoint[], void, void> {
  let last: SeriesPoint | undefined;
  for (;;) {
    let query = db
      .selectFrom("metric_points")
      .select(["timestamp", "step", "value", "is_nan"])
      .where("series_id", "=", series)
      .orderBy("timestamp")
      .orderBy("step")
      .orderBy("value")
      .orderBy("is_nan")
      .limit(pointsPerRead);
    if (span.to !== undefined) query = query.where("timestamp", "<=", span.to);
    if (last !== undefined) {
      const { timestamp, step, value, is_nan } = last;
      query = query.where((row) =>
        row(
          row.refTuple("timestamp", "step", "value", "is_nan"),
          ">",
          row.tuple(timestamp, step, value, is_nan),
        ),
      );
    } else if (span.from !== undefined) query = query.where("timestamp", ">=", span.from);
    const points = await query.execute();
    if (points.length > 0) yield points;
    last = points.at(-1);
    if (points.length < pointsPerRead) return;
  }
}
