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

export const logMetric = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/log-metric",
  name: "mlflowLogMetric",
  summary: "One value of a metric; acknowledged means on disk",
  request: { run_id: text().required(), ...metric },
  handle: async ({ services, input: { run_id: runId, key, value, timestamp, step } }) => {
    await services.runs.logMetric(runId, { key, value, timestamp, step });
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
    await services.runs.logBatch(runId, { metrics, params, tags });
    return undefined;
  },
});
