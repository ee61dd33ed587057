import type { MetricSeries, metricSeriesRequest } from "@hearth/wire/hub/metric-series";
import type { z } from "zod";
import type { Queries } from "../../storage/database.ts";
import { readManyBuckets } from "./buckets.ts";
import type { SeriesPoint } from "./history.ts";

/** Series for one chart as the hub's own API shows them, in the order of the request. */
export async function readMetricSeries(
  db: Queries,
  request: z.output<typeof metricSeriesRequest>,
): Promise<MetricSeries[]> {
  const names = request.series.map(({ run_id, key }) => ({ runId: run_id, key }));
  const found = await readManyBuckets(db, {
    series: names,
    buckets: request.buckets,
    startStep: request.start_step,
    endStep: request.end_step,
    startTime: request.start_time,
    endTime: request.end_time,
  });
  return request.series.map(({ run_id, key }, index) => {
    const { complete = true, points = [] } = found[index] ?? {};
    return {
      run_id,
      key,
      complete,
      step: points.map(({ step }) => step),
      timestamp: points.map(({ timestamp }) => timestamp),
      value: points.map(finiteValue),
    };
  });
}

/** The largest double stands for what was infinite when it was logged. */
function finiteValue({ value, is_nan }: SeriesPoint): number | null {
  return is_nan === 1 || Math.abs(value) === Number.MAX_VALUE ? null : value;
}
