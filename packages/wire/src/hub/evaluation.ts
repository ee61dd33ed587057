import { z } from "zod";
import { pageQuery } from "./common.ts";
import { splitName } from "./datasets.ts";

/**
 * What answers are measured by. `exact_match`: the answer is the expected one. `labels`: confusion, precision, recall and
 * F1 of each label. `loss`: how likely the model finds the expected answers. `json`: do answers parse, and follow a
 * schema? `token_f1`: words that answer and expected answer share, as SQuAD counts them.
 */
export const builtInScorer = z.enum(["exact_match", "labels", "loss", "json", "token_f1"]);
export type BuiltInScorer = z.infer<typeof builtInScorer>;

export const evaluationRequest = z.strictObject({
  /** `name`, `name:3`, `name@alias` */
  model: z.string().min(1).max(300),
  /** Id or name of a dataset. */
  dataset: z.string().min(1).max(200),
  split: splitName.default("test"),
  limit: z.int().min(1).max(1_000_000).optional(),
  concurrency: z.int().min(1).max(64).default(8),
  /** Default: all that fit the data. With `loss` alone nothing is generated. */
  scorers: z.array(builtInScorer).min(1).max(10).optional(),
  /** TypeScript files on the hub's machine, inside an allowed folder, that export `name` and `score`. */
  scorer_files: z.array(z.string().min(1).max(4096)).max(8).optional(),
  /** What answers have to follow; `json_schema_valid` is the share that does. */
  json_schema: z.union([z.boolean(), z.record(z.string(), z.unknown())]).optional(),
  /** Of the bootstrap. Default 1. */
  seed: z.int().min(0).max(4_294_967_295).optional(),
});
export type EvaluationRequest = z.infer<typeof evaluationRequest>;

export const listEvaluationsQuery = pageQuery.extend({
  /** Of this version only, by its id. */
  version_id: z.string().max(200).optional(),
});
export type ListEvaluationsQuery = z.infer<typeof listEvaluationsQuery>;

/** Of an evaluation's wrong answers, the first so many come with it; `GET /evaluations/{id}/rows` has all rows. */
export const mostExamples = 20;

/** How confidence intervals were drawn: so many resamples of the rows, by this seed, the middle `level` of them. */
export const bootstrap = z.object({ resamples: z.int(), seed: z.int(), level: z.number() });

/** What a label's answers are worth; null where nothing can be said: it never occurs, or was never answered. */
export const labelFigures = z.object({
  label: z.string(),
  /** Rows whose expected answer it is. */
  expected: z.int(),
  /** Rows whose answer it is. */
  answered: z.int(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
});
export type LabelFigures = z.infer<typeof labelFigures>;

/** A scorer of a person's own, as it ran. */
export const usedScorer = z.object({
  name: z.string(),
  path: z.string(),
  sha256: z.string(),
  /** Rows that it gave a value for. */
  rows: z.int(),
  /** Rows that it gave none for; each row has the reason. */
  failures: z.int(),
  first_failure: z.string().nullable(),
});
export type UsedScorer = z.infer<typeof usedScorer>;

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
  /** By name, each over all rows that have it; `loss` is in nats for each token of the expected answers, times are in ms. */
  metrics: z.record(z.string(), z.number()),
  /** Where the metric would lie with other rows like these; `rows` have it. */
  intervals: z.record(z.string(), z.object({ low: z.number(), high: z.number(), rows: z.int() })),
  /** Null: it was made before there were intervals. */
  bootstrap: bootstrap.nullable(),
  /** expected → answered → count; answers outside the labels are counted under "(other)". */
  confusion: z.record(z.string(), z.record(z.string(), z.int())),
  labels: z.array(labelFigures),
  scorers: z.array(usedScorer),
  /** What was asked for, or usual, and could not be measured, and why. */
  absent: z.array(z.object({ metric: z.string(), reason: z.string() })),
  /** The first wrong answers. */
  examples: z.array(z.object({ row: z.int(), expected: z.string(), answer: z.string() })),
  seconds: z.number(),
  created_at: z.string(),
});
export type Evaluation = z.infer<typeof evaluation>;

/** What one row came to. */
export const evaluationRow = z.object({
  /** Counted from 1, as in the split's file. */
  row: z.int(),
  /** Is the answer the expected one, but for case and blanks around it? Null: no answer was asked for. */
  right: z.boolean().nullable(),
  /** Could something not be measured? */
  failed: z.boolean(),
  /** The end of what was asked. */
  asked: z.string(),
  expected: z.string(),
  /** Null: none was asked for, or the model could not be asked. */
  answer: z.string().nullable(),
  /** Why the model could not be asked: the row is longer than its context, or has tools and the model knows none. */
  refused: z.string().nullable(),
  /** Tokens of the expected answer that `scores.loss` is the mean of. */
  tokens: z.int().nullable(),
  scores: z.record(z.string(), z.number()),
  /** scorer → why it gave no value */
  failures: z.record(z.string(), z.string()),
  ttft_ms: z.number().nullable(),
  latency_ms: z.number().nullable(),
});
export type EvaluationRow = z.infer<typeof evaluationRow>;

export const evaluationRowsQuery = z.object({
  only: z.enum(["all", "right", "wrong", "failed"]).default("all"),
  /** Rows to leave out from the beginning, of those that are asked for. */
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export type EvaluationRowsQuery = z.infer<typeof evaluationRowsQuery>;

/** Some rows of an evaluation, in their order. `total` counts those that are asked for. */
export const evaluationRows = z.object({
  offset: z.int(),
  total: z.int(),
  items: z.array(evaluationRow),
});
export type EvaluationRows = z.infer<typeof evaluationRows>;

/** Two evaluations on the same rows. What is `first` and `second` is for the caller to say. */
export const evaluationComparison = z.object({
  first: z.object({ id: z.string(), model: z.string(), version: z.int() }),
  second: z.object({ id: z.string(), model: z.string(), version: z.int() }),
  dataset_id: z.string(),
  split: splitName,
  rows: z.int(),
  /** `difference` is the second less the first; both are resampled with the same rows. */
  metrics: z.record(
    z.string(),
    z.object({
      first: z.number(),
      second: z.number(),
      difference: z.number(),
      low: z.number(),
      high: z.number(),
      rows: z.int(),
    }),
  ),
  /** Rows by who was right. */
  right: z.object({ both: z.int(), only_first: z.int(), only_second: z.int(), neither: z.int() }),
  bootstrap,
});
export type EvaluationComparison = z.infer<typeof evaluationComparison>;

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
