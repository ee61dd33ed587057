import type { ModelPoint } from "../../../tracking/logged-models/logged-models.ts";
import { double, int64, list, message, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { tagList } from "../tag-fields.ts";

const metric = {
  key: text().required(),
  value: double().required(),
  timestamp: int64().required(),
  step: int64().or(0),
  model_id: text(),
  dataset_name: text(),
  dataset_digest: text(),
};

/** A point as the room takes it. */
function modelPoint(point: {
  key: string;
  value: number;
  timestamp: number;
  step: number;
  model_id: string | undefined;
  dataset_name: string | undefined;
  dataset_digest: string | undefined;
}): ModelPoint {
  const { key, value, timestamp, step, model_id: modelId } = point;
  if (modelId === undefined) return { key, value, timestamp, step };
  const dataset = { datasetName: point.dataset_name, datasetDigest: point.dataset_digest };
  return { key, value, timestamp, step, modelId, ...dataset };
}

export const logMetric = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/log-metric",
  name: "mlflowLogMetric",
  summary: "One value of a metric; acknowledged means on disk",
  request: { run_id: text().required(), ...metric },
  handle: async ({ services, input }) => {
    const { run_id: runId, key, value, timestamp, step } = input;
    if (input.model_id === undefined) await services.runs.logMetric(runId, { key, value, timestamp, step });
    else await services.runs.logBatch(runId, { metrics: [modelPoint(input)], params: [], tags: [] });
    return undefined;
  },
});

export const logParameter = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/log-parameter",
  name: "mlflowLogParameter",
  summary: "One parameter, which never changes",
  request: { run_id: text().required(), key: text().required(), value: text().or("") },
  handle: async ({ services, input: { run_id: runId, key, value } }) => {
    await services.runs.logBatch(runId, { metrics: [], params: [{ key, value }], tags: [] });
    return undefined;
  },
});

export const logBatch = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/log-batch",
  name: "mlflowLogBatch",
  summary: "Metrics, parameters and tags, all of them or none",
  request: {
    run_id: text().required(),
    metrics: list(message(metric).required()),
    params: tagList(),
    tags: tagList(),
  },
  handle: async ({ services, input: { run_id: runId, metrics, params, tags } }) => {
    await services.runs.logBatch(runId, { metrics: metrics.map(modelPoint), params, tags });
    return undefined;
  },
});
