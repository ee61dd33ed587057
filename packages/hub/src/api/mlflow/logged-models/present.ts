import type { LoggedModel, ModelStatus } from "../../../tracking/logged-models/logged-models.ts";
import { compact } from "../compact.ts";
import { presentNumber } from "../present-number.ts";

export const statusNames = {
  PENDING: "LOGGED_MODEL_PENDING",
  READY: "LOGGED_MODEL_READY",
  FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
} as const satisfies Record<ModelStatus, string>;

export function presentModel(model: LoggedModel): object {
  return {
    info: compact({
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAt,
      last_updated_timestamp_ms: model.updatedAt,
      artifact_uri: model.artifactUri,
      status: statusNames[model.status],
      // The server of MLflow writes these two as empty texts where they are not set.
      model_type: model.modelType ?? "",
      source_run_id: model.sourceRunId ?? "",
      status_message: model.statusMessage,
      tags: model.tags,
    }),
    data: compact({
      params: model.params,
      metrics: model.metrics.map((metric) =>
        compact({
          key: metric.key,
          value: presentNumber(metric.value),
          timestamp: metric.timestamp,
          step: metric.step,
          dataset_name: metric.datasetName,
          dataset_digest: metric.datasetDigest,
          model_id: metric.modelId,
          run_id: metric.runId,
        }),
      ),
    }),
  };
}
