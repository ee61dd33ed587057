import { HearthError } from "../../errors.ts";
import type { Queries } from "../../storage/database.ts";
import { anyOf, ListQuery } from "../../storage/list-query.ts";
import type { LoggedModelTable } from "../../storage/tables/logged-models.ts";
import type { Pair } from "../params.ts";
import type { LoggedModel, ModelMetric } from "./record.ts";

interface ModelRow extends Omit<LoggedModelTable, "status_message" | "lifecycle_stage"> {
  status_message: string | null;
  lifecycle_stage: "active" | "deleted";
}

/** The newest values of one page of models that are shown with them; a training loop may have logged any number. */
const metricsShown = 20_000;

const modelRows = new ListQuery<ModelRow>(
  (dialect) => `select * from logged_models where id ${anyOf(dialect)}`,
);

const pairsOf = (table: string) =>
  new ListQuery<Pair & { model_id: string }>(
    (dialect) =>
      `select model_id, key, value from ${table} where model_id ${anyOf(dialect)} order by model_id, key`,
  );
const params = pairsOf("logged_model_params");
const tags = pairsOf("logged_model_tags");

const metrics = new ListQuery<{
  model_id: string;
  key: string;
  value: number;
  is_nan: number;
  timestamp: number;
  step: number;
  run_id: string;
  dataset_name: string | null;
  dataset_digest: string | null;
}>(
  (dialect) => `select model_id, key, value, is_nan, timestamp, step, run_id, dataset_name, dataset_digest
    from logged_model_metrics where model_id ${anyOf(dialect)}
    order by timestamp desc, step desc, key, run_id limit ${metricsShown}`,
);

/** Models in the order of their ids; those that do not exist are missing. */
export async function readModels(db: Queries, ids: readonly string[]): Promise<LoggedModel[]> {
  if (ids.length === 0) return [];
  const rows = new Map((await modelRows.run(db, ids)).map((row) => [row.id, row]));
  const paramsOf = Map.groupBy(await params.run(db, ids), (row) => row.model_id);
  const tagsOf = Map.groupBy(await tags.run(db, ids), (row) => row.model_id);
  const metricsOf = Map.groupBy((await metrics.run(db, ids)).toReversed(), (row) => row.model_id);
  const plain = ({ key, value }: Pair): Pair => ({ key, value });
  return ids.flatMap((id) => {
    const row = rows.get(id);
    if (row === undefined) return [];
    return {
      id,
      experimentId: row.experiment_id,
      name: row.name,
      artifactUri: row.artifact_uri,
      modelType: row.model_type,
      status: row.status,
      statusMessage: row.status_message,
      lifecycleStage: row.lifecycle_stage,
      sourceRunId: row.source_run_id,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      params: (paramsOf.get(id) ?? []).map(plain),
      tags: (tagsOf.get(id) ?? []).map(plain),
      metrics: (metricsOf.get(id) ?? []).map((metric): ModelMetric => ({
        key: metric.key,
        value: metric.is_nan === 1 ? Number.NaN : metric.value,
        timestamp: metric.timestamp,
        step: metric.step,
        modelId: id,
        runId: metric.run_id,
        datasetName: metric.dataset_name,
        datasetDigest: metric.dataset_digest,
      })),
    };
  });
}

/** Throws `not_found` for a model that is not there. */
export async function requireModels(db: Queries, ids: readonly string[]): Promise<void> {
  const found = new Set((await modelRows.run(db, ids)).map((row) => row.id));
  const unknown = ids.find((id) => !found.has(id));
  if (unknown !== undefined) throw unknownModel(unknown);
}

export function unknownModel(id: string): HearthError {
  return new HearthError("not_found", `Logged model with ID '${id.slice(0, 300)}' not found.`, {
    details: { model_id: id.slice(0, 300) },
  });
}
