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
