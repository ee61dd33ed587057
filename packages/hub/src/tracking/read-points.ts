import type { Queries } from "../storage/database.ts";
import { findSeries, readPoints, type SeriesPoint } from "./metrics/history.ts";

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
