import { z } from "zod";
import { page } from "./common.ts";

/** One recorded execution: a training, an evaluation, or a tracked function. */
export const run = z.object({
  id: z.string(),
  experiment_id: z.string(),
  name: z.string(),
  kind: z.enum(["training", "evaluation", "tracked"]),
  status: z.enum(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]),
  params: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
  /** The latest value of each metric; null stands for NaN. */
  metrics: z.record(z.string(), z.number().nullable()),
  started_at: z.string(),
  ended_at: z.string().nullable(),
});
export type Run = z.infer<typeof run>;

export const metricPoint = z.object({ step: z.int(), value: z.number().nullable(), timestamp: z.string() });
export type MetricValue = z.infer<typeof metricPoint>;
export const metricHistoryPage = page(metricPoint);
