import { z } from "zod";
import { pageQuery } from "./common.ts";
import { splitName } from "./datasets.ts";

export const evaluationRequest = z.strictObject({
  /** `name`, `name:3`, `name@alias` */
  model: z.string().min(1).max(300),
  /** Id or name of a dataset. */
  dataset: z.string().min(1).max(200),
  split: splitName.default("test"),
  limit: z.int().min(1).max(1_000_000).optional(),
  concurrency: z.int().min(1).max(64).default(8),
});
export type EvaluationRequest = z.infer<typeof evaluationRequest>;

export const listEvaluationsQuery = pageQuery.extend({
  /** Of this version only, by its id. */
  version_id: z.string().max(200).optional(),
});
export type ListEvaluationsQuery = z.infer<typeof listEvaluationsQuery>;

/** Of an evaluation's wrong answers, the first so many are kept, in the order of the rows. */
export const mostExamples = 20;

export const evaluation = z.object({
  id: z.string(),
  /** Evaluation results are a run of their own. */
  run_id: z.string(),
  model: z.string(),
  version_id: z.string(),
  version: z.int(),
  dataset_id: z.string(),
  split: splitName,
  rows: z.int(),
  /** accuracy (exact match after trimming and case folding), invalid_rate when the dataset has labels, ttft/latency medians in ms. */
  metrics: z.record(z.string(), z.number()),
  /** expected → answered → count; answers outside the labels are counted under "(other)". */
  confusion: z.record(z.string(), z.record(z.string(), z.int())),
  /** The first wrong answers. */
  examples: z.array(z.object({ row: z.int(), expected: z.string(), answer: z.string() })),
  seconds: z.number(),
  created_at: z.string(),
});
export type Evaluation = z.infer<typeof evaluation>;

/** Events of `POST /evaluations` answered as a stream. */
export const evaluationEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), done: z.int(), total: z.int() }),
  z.object({ type: z.literal("result"), evaluation }),
  z.object({
    type: z.literal("error"),
    error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) }),
  }),
]);
export type EvaluationEvent = z.infer<typeof evaluationEvent>;
