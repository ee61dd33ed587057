import type { Queries } from "../../storage/database.ts";
import { RowInsert } from "../../storage/insert-rows.ts";
import { storableText } from "../../storage/storable-text.ts";
import { storedPoint, type MetricPoint } from "../metrics/points.ts";
import { requireModels } from "./read.ts";

/** A point that may say which model it was measured of, and with which data. */
export interface ModelPoint extends MetricPoint {
  modelId?: string | undefined;
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

// Like a point of a run, the same one again changes nothing.
const insert = new RowInsert(
  "logged_model_metrics",
  {
    model_id: "text",
    key: "text",
    timestamp: "bigint",
    step: "bigint",
    run_id: "text",
    value: "double precision",
    is_nan: "integer",
    dataset_name: "text",
    dataset_digest: "text",
  },
  "on conflict do nothing",
);

/**
 * Stores those points of a run that name a model with the model, too. For inside the transaction that stores
 * the run's points.
 *
 * @throws HearthError `not_found` for an unknown model
 */
export async function insertModelMetrics(
  db: Queries,
  runId: string,
  points: readonly ModelPoint[],
): Promise<void> {
  const named = points.flatMap((point, index) =>
    point.modelId === undefined || point.modelId === "" ? [] : [{ point, index, modelId: point.modelId }],
  );
  if (named.length === 0) return;
  await requireModels(db, [...new Set(named.map(({ modelId }) => modelId))]);
  const textOf = (text: string | undefined) =>
    text === undefined || text === "" ? null : storableText(text);
  await insert.run(
    db,
    named.map(({ point, index, modelId }) => {
      const { key, timestamp, step, value, is_nan } = storedPoint(point, `metrics[${index}]`);
      const dataset = [textOf(point.datasetName), textOf(point.datasetDigest)];
      return [modelId, key, timestamp, step, runId, value, is_nan, ...dataset];
    }),
  );
}
