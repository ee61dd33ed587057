import { z } from "zod";
import { instant, pageQuery } from "./common.ts";

/** What runs belong to, and how much is in it. */
export const experiment = z.object({
  id: z.string(),
  name: z.string(),
  lifecycle_stage: z.enum(["active", "deleted"]),
  tags: z.record(z.string(), z.string()),
  created_at: instant,
  updated_at: instant,
  /** Runs that are not deleted. */
  runs: z.int().min(0),
  /** When its newest run started; null without runs. */
  last_run_at: instant.nullable(),
});
export type Experiment = z.infer<typeof experiment>;

export const listExperimentsQuery = pageQuery.extend({
  /** Part of the name, in any case. */
  search: z.string().max(500).optional(),
  stage: z.enum(["active", "deleted"]).default("active"),
});

export const experimentName = z.strictObject({ name: z.string().trim().min(1).max(500) });

/** Names that the runs of an experiment use. */
export const runColumns = z.object({
  params: z.array(z.string()),
  metrics: z.array(z.string()),
  tags: z.array(z.string()),
  /** So many of the newest runs were read for it. */
  runs_read: z.int().min(0),
});
export type RunColumns = z.infer<typeof runColumns>;
