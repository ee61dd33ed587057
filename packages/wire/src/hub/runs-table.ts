import { z } from "zod";
import { run } from "./tracking.ts";

const ids = z.array(z.string().max(64)).min(1).max(100);
/** In MLflow's search language. */
const filter = z.string().max(20_000).default("");
const stage = z.enum(["active", "deleted", "all"]).default("active");

/** Runs at any place of a long table. */
export const searchRunsRequest = z.strictObject({
  experiment_ids: ids,
  filter,
  /** `metrics.loss ASC`, as MLflow writes it; ties go to the run that started later. */
  order_by: z.array(z.string().max(2000)).max(10).default([]),
  offset: z.int().min(0).max(100_000_000).default(0),
  limit: z.int().min(0).max(500).default(100),
  stage,
  /** Names that are shown (`metrics.loss`, `params.lr`, `tags.team`); without it, all of them. */
  columns: z.array(z.string().max(600)).max(200).optional(),
});
export type SearchRunsRequest = z.input<typeof searchRunsRequest>;

/** A run as a table shows it. */
export const tableRun = run.extend({
  user_id: z.string(),
  lifecycle_stage: z.enum(["active", "deleted"]),
});
export type TableRun = z.infer<typeof tableRun>;

export const searchRunsAnswer = z.object({ total: z.int().min(0), items: z.array(tableRun) });
export type SearchRunsAnswer = z.infer<typeof searchRunsAnswer>;

/** Runs put together by the value of a parameter or a tag. */
export const groupRunsRequest = z.strictObject({
  experiment_ids: ids,
  filter,
  stage,
  by: z.strictObject({ kind: z.enum(["param", "tag"]), key: z.string().min(1).max(500) }),
  /** Whose mean, smallest and largest latest value is told. */
  metric: z.string().max(500).optional(),
  limit: z.int().min(1).max(500).default(200),
});
export type GroupRunsRequest = z.input<typeof groupRunsRequest>;

export const runGroup = z.object({
  /** Null: the runs without it. */
  value: z.string().nullable(),
  runs: z.int(),
  /** Of the runs that have a value that is not NaN; null where none has. */
  mean: z.number().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
});
export type RunGroup = z.infer<typeof runGroup>;
export const groupRunsAnswer = z.object({ items: z.array(runGroup), more: z.boolean() });
export type GroupRunsAnswer = z.infer<typeof groupRunsAnswer>;

export const runIds = z.strictObject({ run_ids: z.array(z.string().max(64)).min(1).max(500) });
