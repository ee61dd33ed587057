import type { Queries } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import type { RunTable } from "../storage/tables/tracking.ts";
import { runArtifactUri } from "./artifact-uri.ts";
import type { Pair } from "./params.ts";
import type { DatasetInput, LatestMetric, RunRecord } from "./run-record.ts";

interface RunRow {
  id: string;
  experiment_id: string;
  name: string;
  kind: RunTable["kind"];
  user_id: string;
  status: RunTable["status"];
  lifecycle_stage: RunTable["lifecycle_stage"];
  started_at: number;
  ended_at: number | null;
  artifact_location: string | null;
}

const runRows = new ListQuery<RunRow>(
  (dialect) => `select runs.id, experiment_id, runs.name, kind, user_id, status, runs.lifecycle_stage,
      started_at, ended_at, artifact_location
    from runs join experiments on experiments.id = runs.experiment_id where runs.id ${anyOf(dialect)}`,
);

const ofRuns = <Row>(columns: string, from: string, order: string) =>
  new ListQuery<Row & { run_id: string }>(
    (dialect) =>
      `select run_id, ${columns} from ${from} where run_id ${anyOf(dialect)} order by run_id, ${order}`,
  );

const params = ofRuns<Pair>("key, value", "run_params", "key");
const tags = ofRuns<Pair>("key, value", "run_tags", "key");
const metrics = ofRuns<LatestMetric & { is_nan: 0 | 1 }>(
  "key, value, is_nan, timestamp, step",
  "metric_series",
  "key",
);
const datasetInputs = ofRuns<{
  tags: string;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}>(
  "tags, name, digest, source_type, source, schema, profile",
  "run_dataset_inputs join tracked_datasets on tracked_datasets.id = run_dataset_inputs.dataset_id",
  "name, digest",
);
const modelInputs = ofRuns<{ model_id: string }>("model_id", "run_model_inputs", "model_id");
const modelOutputs = ofRuns<{ model_id: string; step: number }>(
  "model_id, step",
  "run_model_outputs",
  "step, model_id",
);

/** Runs in the order of their ids; those that do not exist are missing. A handful of statements however many they are. */
export async function readRuns(db: Queries, ids: readonly string[]): Promise<RunRecord[]> {
  const runs = await readInputs(db, await readRunRows(db, ids));
  if (runs.length === 0) return [];
  const paramsOf = byRun(await params.run(db, ids));
  const tagsOf = byRun(await tags.run(db, ids));
  const metricsOf = byRun(await metrics.run(db, ids));
  return runs.map((run) => ({
    ...run,
    params: (paramsOf.get(run.id) ?? []).map(pairOf),
    tags: (tagsOf.get(run.id) ?? []).map(pairOf),
    metrics: (metricsOf.get(run.id) ?? []).map(metricOf),
  }));
}

/** Adds what the runs have read and made. */
export async function readInputs(db: Queries, runs: readonly RunRecord[]): Promise<RunRecord[]> {
  const ids = runs.map(({ id }) => id);
  if (ids.length === 0) return [];
  const inputsOf = byRun(await datasetInputs.run(db, ids));
  const modelInputsOf = byRun(await modelInputs.run(db, ids));
  const outputsOf = byRun(await modelOutputs.run(db, ids));
  return runs.map((run) => ({
    ...run,
    datasetInputs: (inputsOf.get(run.id) ?? []).map(inputOf),
    modelInputs: (modelInputsOf.get(run.id) ?? []).map((input) => input.model_id),
    modelOutputs: (outputsOf.get(run.id) ?? []).map(({ model_id, step }) => ({ modelId: model_id, step })),
  }));
}

/** Without what is said of them in other tables. */
export async function readRunRows(db: Queries, ids: readonly string[]): Promise<RunRecord[]> {
  if (ids.length === 0) return [];
  const rows = new Map((await runRows.run(db, ids)).map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = rows.get(id);
    return row === undefined ? [] : [recordOf(row)];
  });
}

function recordOf(row: RunRow): RunRecord {
  return {
    id: row.id,
    experimentId: row.experiment_id,
    name: row.name,
    kind: row.kind,
    userId: row.user_id,
    status: row.status,
    lifecycleStage: row.lifecycle_stage,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    artifactUri: runArtifactUri(row.experiment_id, row.artifact_location, row.id),
    params: [],
    tags: [],
    metrics: [],
    datasetInputs: [],
    modelInputs: [],
    modelOutputs: [],
  };
}

function byRun<Row extends { run_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  let last: Row[] = [];
  let id: string | undefined;
  for (const row of rows) {
    if (row.run_id !== id) found.set((id = row.run_id), (last = []));
    last.push(row);
  }
  return found;
}

function pairOf({ key, value }: Pair): Pair {
  return { key, value };
}

function metricOf(row: LatestMetric & { is_nan: 0 | 1 }): LatestMetric {
  const { key, timestamp, step } = row;
  return { key, value: row.is_nan === 1 ? Number.NaN : row.value, timestamp, step };
}

function inputOf(row: {
  tags: string;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}): DatasetInput {
  const { name, digest, source, schema, profile } = row;
  // Written by this room: `[{key, value}]`.
  const pairs = JSON.parse(row.tags) as Pair[];
  return { name, digest, sourceType: row.source_type, source, schema, profile, tags: pairs };
}
