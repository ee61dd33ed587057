import { z } from "zod";

/** int64 of proto-JSON: newest servers write a number, older ones and strict encoders a string. */
export const int64 = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

const special = { NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** A double of proto-JSON, where what JSON has no number for travels as a word. */
export const double = z.union([
  z.number(),
  z.enum(["NaN", "Infinity", "-Infinity"]).transform((word) => special[word]),
]);

export const keyValue = z.object({ key: z.string(), value: z.string().default("") });

export const runStatus = z.enum(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]);

export const runInfo = z.object({
  run_id: z.string(),
  run_name: z.string().default(""),
  experiment_id: z.string(),
  status: runStatus,
  start_time: int64.optional(),
  end_time: int64.optional(),
  artifact_uri: z.string().default(""),
  lifecycle_stage: z.string().default("active"),
});

export const metric = z.object({
  key: z.string(),
  value: double,
  timestamp: int64.default(0),
  step: int64.default(0),
});

export const run = z.object({
  info: runInfo,
  data: z
    .object({
      metrics: z.array(metric).default([]),
      params: z.array(keyValue).default([]),
      tags: z.array(keyValue).default([]),
    })
    .default({ metrics: [], params: [], tags: [] }),
});

export const runResponse = z.object({ run });

export const runPage = z.object({ runs: z.array(run).default([]), next_page_token: z.string().optional() });

export const experimentResponse = z.object({ experiment: z.object({ experiment_id: z.string() }) });

export const createdExperiment = z.object({ experiment_id: z.string() });

export const mlflowError = z.object({ error_code: z.string(), message: z.string().default("") });

export type RunStatus = z.output<typeof runStatus>;
export type Run = z.output<typeof run>;
