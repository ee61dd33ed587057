import { z } from "zod";
import { instant } from "./common.ts";
import { run } from "./tracking.ts";

/** Answer of `GET /runs/{id}`: a run with everything that is said of itself. */
export const runDetails = run.extend({
  user_id: z.string(),
  lifecycle_stage: z.enum(["active", "deleted"]),
  /** Where its artifacts are: `mlflow-artifacts:/…` when this hub keeps them. */
  artifact_uri: z.string(),
  /** Of each metric of `metrics`, the step of its latest value. */
  latest_steps: z.record(z.string(), z.int()),
});
export type RunDetails = z.infer<typeof runDetails>;

/** Body of `PATCH /runs/{id}`; what is left out stays as it is. */
export const changeRunRequest = z.strictObject({
  name: z.string().trim().min(1).max(1000).optional(),
  /** Markdown; an empty one takes the description away. Kept as the tag `mlflow.note.content`. */
  description: z.string().max(8000).optional(),
  /** Null removes a tag. */
  tags: z
    .record(z.string().min(1).max(250), z.string().max(8000).nullable())
    .refine((tags) => Object.keys(tags).length <= 100, "at most 100 tags at a time")
    .optional(),
});
export type ChangeRunRequest = z.input<typeof changeRunRequest>;

/** Data that a run has read, as it or its job named it. */
export const runDataset = z.object({
  name: z.string(),
  digest: z.string(),
  /** What for, such as `training`; null when it was not told. */
  context: z.string().nullable(),
  /** Null: a dataset of this hub that a job was given. */
  source_type: z.string().nullable(),
  source: z.string().nullable(),
  schema: z.string().nullable(),
  profile: z.string().nullable(),
  /** The registered dataset of that name and checksum; null when this hub has none. */
  dataset_id: z.string().nullable(),
});
export type RunDataset = z.infer<typeof runDataset>;

const version = z.object({
  model: z.string(),
  version: z.int(),
  status: z.enum(["training", "ready", "archived", "failed"]),
});
export type RunVersion = z.infer<typeof version>;

/** A model that a program has logged, seen from a run that read or made it. */
export const runModel = z.object({
  /** `m-…` */
  id: z.string(),
  /** Null: this hub has no such model, or it was deleted. */
  name: z.string().nullable(),
  model_type: z.string().nullable(),
  status: z.enum(["PENDING", "READY", "FAILED"]).nullable(),
  direction: z.enum(["input", "output"]),
  /** Null of an input. */
  step: z.int().nullable(),
});
export type RunModel = z.infer<typeof runModel>;

/** A run beside another. */
export const relatedRun = run.pick({ id: true, experiment_id: true, name: true, status: true }).extend({
  started_at: instant,
});
export type RelatedRun = z.infer<typeof relatedRun>;

/** Answer of `GET /runs/{id}/lineage`: what a run was made from, what came of it, and the runs around it. */
export const runLineage = z.object({
  /** At most 1,000. */
  datasets: z.array(runDataset),
  /** At most 1,000. */
  models: z.array(runModel),
  /** Registered versions that came from it, the newest first. */
  versions: z.array(version),
  /** The version that it measured; null when it is no evaluation. */
  evaluated: version.nullable(),
  /** The job of this hub that it records; null when it is none. */
  job: z
    .object({
      id: z.string(),
      kind: z.enum(["train", "reproduce"]),
      status: z.enum(["queued", "paused", "running", "completed", "failed", "cancelled"]),
    })
    .nullable(),
  /** Code and programs of a job, as they were when it was created. */
  code: z.object({ commit: z.string().nullable(), dirty: z.boolean().nullable() }).nullable(),
  environment: z.record(z.string(), z.string()),
  /** Null also when the run that is named as its parent is not there. */
  parent: relatedRun.nullable(),
  /** Those that are not deleted, the newest first; at most 100. */
  children: z.array(relatedRun),
  total_children: z.int(),
});
export type RunLineage = z.infer<typeof runLineage>;
