import { z } from "zod";
import { sha256 } from "./common.ts";

/** One file of a version beside the same file of its repetition. */
export const comparedFile = z.object({
  file: z.string(),
  /** As it lies in the version's folder; null: it is missing there. */
  expected_sha256: sha256.nullable(),
  /** Null: the repetition did not make it. */
  actual_sha256: sha256.nullable(),
});
export type ComparedFile = z.infer<typeof comparedFile>;

/** Where two files begin to differ. */
export const fileDifference = z.object({
  file: z.string(),
  /** `header`: an entry that describes the model; `bytes`: a file of another form; `missing`: only one of the two is there. */
  kind: z.enum(["tensor", "header", "bytes", "missing"]),
  /** Of the tensor, or of the header's entry. */
  name: z.string().nullable(),
  /** Place of the number in its tensor, row-major. */
  index: z.array(z.int()).nullable(),
  /** Bytes from the file's beginning. */
  offset: z.int().nullable(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
  /** Numbers of this tensor that differ, of how many, and by how much at most. */
  differing: z.int().nullable(),
  elements: z.int().nullable(),
  largest: z.number().nullable(),
});
export type FileDifference = z.infer<typeof fileDifference>;

/** One metric of the two runs, step by step. */
export const comparedMetric = z.object({
  metric: z.string(),
  /** Steps that both runs have recorded. */
  steps: z.int(),
  /** Null: equal at every step. */
  first: z
    .object({ step: z.int(), expected: z.number().nullable(), actual: z.number().nullable() })
    .nullable(),
});
export type ComparedMetric = z.infer<typeof comparedMetric>;

/** One thing that was recorded with the version and is otherwise now. */
export const changedFact = z.object({
  name: z.string(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
});
export type ChangedFact = z.infer<typeof changedFact>;

export const likelihood = z.enum(["certain", "likely", "possible", "unlikely"]);
export type Likelihood = z.infer<typeof likelihood>;

/** Of what decides numbers, the likeliest first; a stated order, argued in decision 056. */
export const causeKind = z.enum([
  "kept_file",
  "specification",
  "inputs",
  "provider",
  "library",
  "code",
  "lock",
  "runtime",
  "hardware",
  "system",
  "threads",
  "unknown",
]);

export const reproductionCause = z.object({
  kind: causeKind,
  likelihood,
  /** A sentence with what was found. */
  what: z.string(),
});
export type ReproductionCause = z.infer<typeof reproductionCause>;

/** What came of running a version's training again. */
export const reproduction = z.object({
  identical: z.boolean(),
  files: z.array(comparedFile),
  /** Null: every file has the same bytes. */
  first_difference: fileDifference.nullable(),
  metrics: z.array(comparedMetric),
  /** What is otherwise now; it may have changed nothing. */
  changed: z.array(changedFact),
  /** The likeliest first; empty when the bytes are identical. */
  causes: z.array(reproductionCause),
});
export type Reproduction = z.infer<typeof reproduction>;
