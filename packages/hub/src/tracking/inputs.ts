import { randomUUID } from "node:crypto";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import { unknownRun } from "./errors.ts";
import { characters } from "./keys.ts";
import { storableText } from "../storage/storable-text.ts";
import type { Pair } from "./params.ts";
import type { DatasetInput } from "./run-record.ts";
import { requireActive } from "./run-state.ts";

export interface RunInputs {
  datasets: readonly DatasetInput[];
  /** Ids of logged models. */
  models: readonly string[];
}

export interface ModelOutput {
  modelId: string;
  step: number;
}

/** MLflow's limits, in characters. */
const limits = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  key: 255,
  value: 500,
} as const;

/**
 * Notes what a run has read. The same data again is the same input: the first one's tags stay.
 *
 * @throws HearthError `not_found`, `invalid_request`
 */
export async function logInputs(database: Database, runId: string, inputs: RunInputs): Promise<void> {
  const datasets = inputs.datasets.map(checkedDataset);
  await database.write(async (db) => {
    await requireActive(db, runId);
    const run = await db
      .selectFrom("runs")
      .select("experiment_id")
      .where("id", "=", runId)
      .executeTakeFirst();
    if (run === undefined) throw unknownRun(runId);
    for (const dataset of datasets) {
      const id = await datasetId(db, run.experiment_id, dataset);
      await db
        .insertInto("run_dataset_inputs")
        .values({ run_id: runId, dataset_id: id, tags: JSON.stringify(dataset.tags) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    for (const model of new Set(inputs.models)) {
      await db
        .insertInto("run_model_inputs")
        .values({ run_id: runId, model_id: storableText(model) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

/** Notes which models came out of a run. A model again moves to the later step. */
export async function logOutputs(
  database: Database,
  runId: string,
  models: readonly ModelOutput[],
): Promise<void> {
  await database.write(async (db) => {
    await requireActive(db, runId);
    for (const { modelId, step } of models) {
      await db
        .insertInto("run_model_outputs")
        .values({ run_id: runId, model_id: storableText(modelId), step })
        .onConflict((conflict) => conflict.columns(["run_id", "model_id"]).doUpdateSet({ step }))
        .execute();
    }
  });
}

/** The id of a dataset of an experiment, a new one when nobody has named it yet. */
async function datasetId(db: Queries, experimentId: string, dataset: DatasetInput): Promise<string> {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  const row = await db
    .insertInto("tracked_datasets")
    .values({
      id: randomUUID().replaceAll("-", ""),
      experiment_id: experimentId,
      name,
      digest,
      source_type: sourceType,
      source,
      schema,
      profile,
    })
    // An update that changes nothing: only so does the row that is there already come back.
    .onConflict((conflict) =>
      conflict.columns(["experiment_id", "name", "digest"]).doUpdateSet({ name, digest }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

function checkedDataset(dataset: DatasetInput): DatasetInput {
  const { schema, profile } = dataset;
  return {
    name: checkedText("name", dataset.name),
    digest: checkedText("digest", dataset.digest),
    sourceType: storableText(dataset.sourceType),
    source: checkedText("source", dataset.source),
    schema: schema === null ? null : checkedText("schema", schema),
    profile: profile === null ? null : checkedText("profile", profile),
    tags: dataset.tags.map(({ key, value }): Pair => ({
      key: checkedText("key", key),
      value: checkedText("value", value),
    })),
  };
}

function checkedText(field: keyof typeof limits, text: string): string {
  const limit = limits[field];
  if (text.length > limit && characters(text) > limit) {
    throw new HearthError("invalid_request", `'${field}' exceeds the maximum length of ${limit} characters`, {
      details: { field, limit },
    });
  }
  return storableText(text);
}
