import { datasetFormat } from "@hearth/wire/hub/datasets";
import { sha256 } from "@hearth/wire/hub/common";
import { trainerName, trainingParameters } from "@hearth/wire/hub/training";
import { z } from "zod";

/** Everything that defines a job's result, and what its attempts need to know before they start. */
const storedSpecification = z.object({
  /** What the trainer gets, as it is. */
  trainer: z.object({
    parameters: trainingParameters,
    base: z.object({ path: z.string(), sha256 }).nullable(),
    dataset: z.object({ format: datasetFormat, train: z.string(), validation: z.string().nullable() }),
    modelName: z.string(),
  }),
  /** Which trainer it was given to and why; jobs of earlier releases had no choice. */
  choice: z
    .object({ name: trainerName, reason: z.string() })
    .default({ name: "onnx", reason: "the only trainer of that release" }),
  /** Files that are read, by content: a repetition checks them first. */
  inputs: z.array(z.object({ path: z.string(), sha256 })),
  memoryBytes: z.int().min(0),
  diskBytes: z.int().min(0),
  /** Whether the run gets how busy machine and trainer are; jobs of the first release do not say. */
  systemMetrics: z.boolean().default(false),
});
export type StoredSpecification = z.infer<typeof storedSpecification>;

/** Reads the text of a job's `specification` column. */
export function parseSpecification(text: string): StoredSpecification {
  return storedSpecification.parse(JSON.parse(text));
}
