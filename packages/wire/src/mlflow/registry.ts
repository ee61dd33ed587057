import { z } from "zod";
import { keyValue } from "./run.ts";

export const modelVersion = z.object({
  name: z.string(),
  version: z.union([z.string(), z.number().transform(String)]),
  source: z.string().default(""),
  run_id: z.string().default(""),
  model_id: z.string().optional(),
  status: z.string().default("READY"),
  aliases: z.array(z.string()).default([]),
  tags: z.array(keyValue).default([]),
});

export const modelVersionResponse = z.object({ model_version: modelVersion });

export const modelVersionPage = z.object({
  model_versions: z.array(modelVersion).default([]),
  next_page_token: z.string().optional(),
});

export const downloadUri = z.object({ artifact_uri: z.string() });

export const loggedModelResponse = z.object({
  model: z.object({
    info: z.object({
      model_id: z.string(),
      experiment_id: z.string(),
      name: z.string(),
      artifact_uri: z.string(),
      status: z.string(),
      source_run_id: z.string().default(""),
    }),
  }),
});

export type ModelVersion = z.output<typeof modelVersion>;
