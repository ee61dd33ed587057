import { z } from "zod";
import { entityName, instant, page, sha256 } from "./common.ts";

/** The form of a dataset's rows: chat = `{messages:[…]}`, prompt = `{prompt, completion}`, text = `{text}`. */
export const datasetFormat = z.enum(["chat", "prompt", "text"]);
export type DatasetFormat = z.infer<typeof datasetFormat>;
export const splitName = z.enum(["train", "validation", "test"]);
export type SplitName = z.infer<typeof splitName>;

const columnName = z.string().min(1).max(250);

/**
 * Which column of a source becomes which field of a row. One form: `prompt` with `completion`, `text`, or `messages`
 * (JSON text or nested values), to which `tools` may be added.
 */
export const datasetMapping = z
  .strictObject({
    prompt: columnName.optional(),
    completion: columnName.optional(),
    text: columnName.optional(),
    messages: columnName.optional(),
    tools: columnName.optional(),
  })
  .refine(
    ({ prompt, completion, text, messages, tools }) =>
      [prompt !== undefined && completion !== undefined, text !== undefined, messages !== undefined].filter(
        Boolean,
      ).length === 1 &&
      (prompt === undefined) === (completion === undefined) &&
      (tools === undefined || messages !== undefined),
    "must name columns for prompt and completion, or for text, or for messages (and tools)",
  );
export type DatasetMapping = z.infer<typeof datasetMapping>;

const ratio = z.number().positive().max(1);

/** Shares that the distinct rows of one file are divided into; the same seed gives the same division. */
export const datasetDivision = z.strictObject({
  ratios: z
    .strictObject({ train: ratio, validation: ratio.optional(), test: ratio.optional() })
    .refine(
      ({ train, validation = 0, test = 0 }) => Math.abs(train + validation + test - 1) < 1e-6,
      "must add up to 1",
    ),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0),
});
export type DatasetDivision = z.infer<typeof datasetDivision>;

/** How files become a dataset, beside their names. */
export const datasetOptions = z.strictObject({
  /** Needed where the columns of a CSV or Parquet file are not called as the fields are. */
  mapping: datasetMapping.optional(),
  /** Divides one file; absent: all of it is `train`. */
  split: datasetDivision.optional(),
});
export type DatasetOptions = z.input<typeof datasetOptions>;

export const createDatasetRequest = z.strictObject({
  name: entityName,
  /** A JSONL, CSV or Parquet file, or a folder with train.jsonl (and validation.jsonl, test.jsonl; or .csv, .parquet), on the hub's machine inside an allowed folder. */
  path: z.string().min(1).max(4096),
  ...datasetOptions.shape,
});
export type CreateDatasetRequest = z.input<typeof createDatasetRequest>;

export const sourceFormat = z.enum(["jsonl", "csv", "parquet"]);
export type SourceFormat = z.infer<typeof sourceFormat>;

/** A file as it was given, before the hub's own copy was made from it. */
export const datasetSource = z.object({
  file: z.string(),
  format: sourceFormat,
  bytes: z.int().min(0),
  sha256,
});
export type DatasetSource = z.infer<typeof datasetSource>;

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
  /** The files that it was made from; empty for one that was registered before they were kept. */
  sources: z.array(datasetSource),
  mapping: datasetMapping.nullable(),
  /** How the rows were divided; null where the files were the splits. */
  division: datasetDivision.nullable(),
  created_at: instant,
});
export type Dataset = z.infer<typeof dataset>;
export const datasetPage = page(dataset);
/** All versions of one name, the newest first. */
export const datasetVersions = z.object({ items: z.array(dataset) });
export type DatasetVersions = z.infer<typeof datasetVersions>;

export const verifyDatasetResponse = z.object({
  ok: z.boolean(),
  checksum: sha256,
  /** Why not, one sentence a file. */
  problems: z.array(z.string()),
  /** What happened to the files that it was registered from; the hub's copy is as good as before. */
  notes: z.array(z.string()),
});

/** A message of a chat row; an assistant's may call tools, and a tool's answers a call. */
export const datasetMessage = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  /** Empty where there is none beside calls of tools. */
  content: z.string(),
  tool_calls: z
    .array(
      z.looseObject({
        function: z.looseObject({
          name: z.string(),
          arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
        }),
      }),
    )
    .optional(),
  tool_call_id: z.string().optional(),
  name: z.string().optional(),
  /** 0: an assistant's message that is read but not learned. */
  weight: z.union([z.literal(0), z.literal(1)]).optional(),
});
export type DatasetMessage = z.infer<typeof datasetMessage>;

/** One row as it is stored, by the format of its dataset. */
export const datasetRow = z.discriminatedUnion("format", [
  z.object({
    format: z.literal("chat"),
    messages: z.array(datasetMessage),
    tools: z.array(z.record(z.string(), z.unknown())).optional(),
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

/** A row to look at: its number, from 1, in its split, and the beginning of its text. */
const repeatedRow = z.object({ split: splitName, row: z.int(), text: z.string() });

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
  /** Rows that an earlier row of the same split is equal to. */
  duplicates: z.object({
    exact: z.int(),
    /** Equal but for case, spaces and punctuation. */
    near: z.int(),
    examples: z.array(repeatedRow),
  }),
  /** What of the rows to judge by is known from training. */
  leakage: z.array(
    z.object({
      split: splitName,
      rows: z.int(),
      /** Rows whose prompt is one of the train split, whatever the answer. */
      prompts: z.int(),
      examples: z.array(repeatedRow),
    }),
  ),
});
export type DatasetStatistics = z.infer<typeof datasetStatistics>;

/** The rows of a split as tokens of a model. */
export const tokenLengths = z.object({
  split: splitName,
  rows: z.int(),
  tokens: z.int(),
  /** Those that the model learns to produce. */
  learned: z.int(),
  p50: z.int(),
  p90: z.int(),
  p95: z.int(),
  p99: z.int(),
  max: z.int(),
  /** Rows that are longer than the sequence length; running text is cut into sequences instead and loses nothing. */
  truncated: z.int(),
  /** Tokens that they lose. */
  lost: z.int(),
  /** Rows in which there is nothing to learn. */
  unlearnable: z.int(),
});
export type TokenLengths = z.infer<typeof tokenLengths>;

export const tokenStatistics = z.object({
  /** Whose tokenizer and template: `name:version`, with full weights. */
  model: z.string(),
  sequence_length: z.int(),
  splits: z.array(tokenLengths),
  /** Why a job on these rows would fail; null: it would not. */
  problem: z.string().nullable(),
});
export type TokenStatistics = z.infer<typeof tokenStatistics>;

export const datasetStatisticsQuery = z.object({
  /** Counts tokens too, as this model's. */
  model: z.string().min(1).max(300).optional(),
  /** Default: as a job's. */
  sequence_length: z.coerce.number().int().min(8).max(32_768).optional(),
});
export type DatasetStatisticsQuery = z.infer<typeof datasetStatisticsQuery>;

export const datasetStatisticsResponse = datasetStatistics.extend({
  /** Null where no model was asked for. */
  tokens: tokenStatistics.nullable(),
});
export type DatasetStatisticsResponse = z.infer<typeof datasetStatisticsResponse>;

/** Who was made from a dataset or judged on it, the newest first. */
export const datasetUses = z.object({
  versions: z.array(z.object({ model: z.string(), version: z.int() })),
  jobs: z.array(z.object({ id: z.string(), status: z.string(), created_at: instant })),
  evaluations: z.array(
    z.object({ id: z.string(), model: z.string(), version: z.int(), split: splitName, created_at: instant }),
  ),
});
export type DatasetUses = z.infer<typeof datasetUses>;
