import { z } from "zod";

/** The most series of one answer: what one chart can show. */
export const maxSeries = 1000;

/** Series for one chart: which metrics of which runs, of which part, and how finely. */
export const metricSeriesRequest = z.strictObject({
  series: z
    .array(z.object({ run_id: z.string().min(1), key: z.string().min(1) }))
    .min(1)
    .max(maxSeries),
  /** Spans that the part is cut into: about the width of the chart in pixels. */
  buckets: z.int().min(1).max(4000).default(400),
  /** Both inclusive; without them every step. */
  start_step: z.int().optional(),
  end_step: z.int().optional(),
  /** Milliseconds since 1970, both inclusive; narrows the part further. */
  start_time: z.int().optional(),
  end_time: z.int().optional(),
});
export type MetricSeriesRequest = z.input<typeof metricSeriesRequest>;

/**
 * One metric of one run as columns of equal length, ordered by step: every point where they are few, else the
 * smallest and the largest of each span, so that no peak is lost.
 */
export const metricSeries = z.object({
  run_id: z.string(),
  key: z.string(),
  /** Whether every point of the part is here. */
  complete: z.boolean(),
  step: z.array(z.int()),
  /** Milliseconds since 1970. */
  timestamp: z.array(z.int()),
  /** Null stands for what is no finite number. */
  value: z.array(z.number().nullable()),
});
export type MetricSeries = z.infer<typeof metricSeries>;

export const metricSeriesResponse = z.object({ items: z.array(metricSeries) });
