import { z } from "zod";
import { entityName, instant, page, sha256 } from "./common.ts";

/** The form of a dataset's rows: chat = `{messages:[…]}`, prompt = `{prompt, completion}`, text = `{text}`. */
export const datasetFormat = z.enum(["chat", "prompt", "text"]);
export type DatasetFormat = z.infer<typeof datasetFormat>;
export const splitName = z.enum(["train", "validation", "test"]);
export type SplitName = z.infer<typeof splitName>;

export const createDatasetRequest = z.strictObject({
  name: entityName,
  /** A JSONL file, or a folder with train.jsonl (and validation.jsonl, test.jsonl), on the hub's machine inside an allowed folder. */
  path: z.string().min(1).max(4096),
});
export type CreateDatasetRequest = z.infer<typeof createDatasetRequest>;

export const datasetSplit = z.object({
  file: z.string(),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  sha256,
});
export type DatasetSplit = z.infer<typeof datasetSplit>;

export const dataset = z.object({
  id: z.string(),
  name: entityName,
  version: z.int().min(1),
  path: z.string(),
  /** sha256 over the sorted list of `file sha256` lines; of a single file, that file's own sha256. */
  checksum: sha256,
  format: datasetFormat,
  schema: z.record(z.string(), z.string()),
  rows: z.int().min(0),
  splits: z.partialRecord(splitName, datasetSplit),
  /** The distinct answers, when there are few: the dataset classifies. */
  labels: z.array(z.string()),
  created_at: instant,
});
export type Dataset = z.infer<typeof dataset>;
export const datasetPage = page(dataset);

export const verifyDatasetResponse = z.object({
  ok: z.boolean(),
  checksum: sha256,
  /** Why not, one sentence a file. */
  problems: z.array(z.string()),
});

/** One row as it is stored, by the format of its dataset. */
export const datasetRow = z.discriminatedUnion("format", [
  z.object({
    format: z.literal("chat"),
    messages: z.array(
      z.object({ role: z.enum(["system", "user", "assistant", "tool"]), content: z.string() }),
    ),
  }),
  z.object({ format: z.literal("prompt"), prompt: z.string(), completion: z.string() }),
  z.object({ format: z.literal("text"), text: z.string() }),
]);
export type DatasetRowContent = z.infer<typeof datasetRow>;

export const datasetRowsQuery = z.object({
  split: splitName.default("train"),
  /** Rows to leave out from the beginning. */
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
export type DatasetRowsQuery = z.infer<typeof datasetRowsQuery>;

/** Some rows of a split, in their order. */
export const datasetRows = z.object({
  split: splitName,
  offset: z.int().min(0),
  total: z.int().min(0),
  items: z.array(datasetRow),
});
export type DatasetRows = z.infer<typeof datasetRows>;

/** What is in a dataset, counted over all of its rows. */
export const datasetStatistics = z.object({
  rows: z.int(),
  /** How often each label is the answer, by split; empty when the dataset does not classify. */
  labels: z.array(z.object({ label: z.string(), counts: z.partialRecord(splitName, z.int()) })),
  /** Characters of a row, all of its texts together. */
  lengths: z.object({
    shortest: z.int(),
    median: z.int(),
    longest: z.int(),
    /** `from` ≤ characters < `to` */
    bins: z.array(z.object({ from: z.int(), to: z.int(), rows: z.int() })),
  }),
});
export type DatasetStatistics = z.infer<typeof datasetStatistics>;

/** Who was made from a dataset or judged on it, the newest first. */
export const datasetUses = z.object({
  versions: z.array(z.object({ model: z.string(), version: z.int() })),
  jobs: z.array(z.object({ id: z.string(), status: z.string(), created_at: instant })),
  evaluations: z.array(
    z.object({ id: z.string(), model: z.string(), version: z.int(), split: splitName, created_at: instant }),
  ),
});
export type DatasetUses = z.infer<typeof datasetUses>;
