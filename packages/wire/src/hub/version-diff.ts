import { z } from "zod";
import { sha256 } from "./common.ts";
import { datasetRow, splitName } from "./datasets.ts";
import { versionStatus } from "./models.ts";

/** Rows that a comparison asks at most. */
export const mostAsked = 200;

export const versionDiffRequest = z.strictObject({
  /** The other version: `name:3`, `name@alias`, `name` or an id. */
  to: z.string().min(1).max(300),
  /** Rows that both are asked now; 0: only what is kept is compared. */
  ask: z.int().min(0).max(mostAsked).default(0),
  /** Whose rows are asked; default: what the other version was trained on. */
  dataset: z.string().min(1).max(200).optional(),
  /** Default: test, or validation, or train, whichever there is. */
  split: splitName.optional(),
});
export type VersionDiffRequest = z.input<typeof versionDiffRequest>;

/** One fact of both versions; null: the one has no such fact. */
export const differingFact = z.object({
  name: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
});
export type DifferingFact = z.infer<typeof differingFact>;

/** A row that only one of the two has, or that has another answer in each; rows count from 1. */
export const rowExample = z.object({
  kind: z.enum(["added", "removed", "changed"]),
  from_row: z.int().nullable(),
  to_row: z.int().nullable(),
  from: datasetRow.nullable(),
  to: datasetRow.nullable(),
});
export type RowExample = z.infer<typeof rowExample>;

export const splitDiff = z.object({
  split: splitName,
  /** Null: that version's data has no such split. */
  from: z.object({ rows: z.int(), sha256 }).nullable(),
  to: z.object({ rows: z.int(), sha256 }).nullable(),
  /** Counted by the rows' contents, wherever they stand; null where the rows are too many to be compared. */
  counts: z
    .object({
      unchanged: z.int(),
      added: z.int(),
      removed: z.int(),
      /** The same question, another answer. */
      changed: z.int(),
    })
    .nullable(),
  examples: z.array(rowExample),
});
export type SplitDiff = z.infer<typeof splitDiff>;

const usedDataset = z.object({ name: z.string(), version: z.int().nullable(), sha256 }).nullable();

export const figureDiff = z.object({
  /** `training` and what was promoted by, or the dataset and split of an evaluation. */
  group: z.string(),
  name: z.string(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  /** `to` − `from`, where there are both. */
  difference: z.number().nullable(),
});
export type FigureDiff = z.infer<typeof figureDiff>;

/** Answers of both versions to the same prompts. */
export const answersDiff = z.object({
  /** Kept by evaluations on the same rows, said at the end of their trainings, or asked now. */
  source: z.enum(["evaluations", "samples", "asked"]),
  /** The rows, such as `colours:1, test`. */
  of: z.string(),
  /** Prompts of which both answers are known. */
  compared: z.int(),
  differing: z.int(),
  /** Those that differ, the first twenty. */
  examples: z.array(
    z.object({
      /** Row, counted from 1; null for a prompt. */
      row: z.int().nullable(),
      prompt: z.string().nullable(),
      /** Its beginning, of 2,000 characters at most. */
      expected: z.string().nullable(),
      /** Null: the model could not be asked, mostly because the row is too long for it. */
      from: z.string().nullable(),
      to: z.string().nullable(),
    }),
  ),
});
export type AnswersDiff = z.infer<typeof answersDiff>;

const comparedVersion = z.object({
  version_id: z.string(),
  reference: z.string(),
  status: versionStatus,
  sha256: sha256.nullable(),
});

/** What lies between two versions. */
export const versionDiff = z.object({
  from: comparedVersion,
  to: comparedVersion,
  /** Nothing of data, recipe, base, code, environment, bytes and known answers differs; figures such as speed may. */
  same: z.boolean(),
  data: z.object({
    changed: z.boolean(),
    from: usedDataset,
    to: usedDataset,
    splits: z.array(splitDiff),
  }),
  /** Only what differs. */
  recipe: z.array(differingFact),
  /** Only what differs of base, code, programs and machine. */
  environment: z.array(differingFact),
  figures: z.array(figureDiff),
  answers: z.array(answersDiff),
});
export type VersionDiff = z.infer<typeof versionDiff>;
