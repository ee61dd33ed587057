import type { Queries } from "../storage/database.ts";
import { eachPoints, findSeries, readPoints, type SeriesPoint } from "./metrics/history.ts";

/** The history of a metric in order, some points at a time, from the one at `offset` on. */
export async function* eachPoint(
  db: Queries,
  runId: string,
  key: string,
  { offset }: { offset: number },
): AsyncGenerator<SeriesPoint[], void, void> {
  const series = await findSeries(db, runId, key);
  if (series === undefined) return;
  let skip = offset;
  for await (const points of eachPoints(db, series)) {
    if (skip === 0) yield points;
    else if (skip < points.length) yield points.slice(skip);
    skip = Math.max(0, skip - points.length);
  }
}

/** A page of the history of a metric, and whether more follow. */
export async function historyPage(
  db: Queries,
  runId: string,
  key: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ points: SeriesPoint[]; more: boolean }> {
  const series = await findSeries(db, runId, key);
  if (series === undefined) return { points: [], more: false };
  const points = await readPoints(db, series, { limit: limit + 1, offset });
  return { points: points.slice(0, limit), more: points.length > limit };
}
