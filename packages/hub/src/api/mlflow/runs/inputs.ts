import { HearthError } from "../../../errors.ts";
import { int64, list, message, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { tagList } from "../tag-fields.ts";

const dataset = message({
  name: text().or(""),
  digest: text().or(""),
  source_type: text().or(""),
  source: text().or(""),
  schema: text(),
  profile: text(),
});

export const logInputs = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/log-inputs",
  name: "mlflowLogInputs",
  summary: "Data and models that a run has read",
  request: {
    run_id: text().required(),
    datasets: list(message({ tags: tagList(), dataset: dataset.required() }).required()),
    models: list(message({ model_id: text().required() }).required()),
  },
  // Profiles of wide tables are long.
  bodyLimit: 64 * 2 ** 20,
  handle: async ({ services, input }) => {
    await services.runs.logInputs(input.run_id, {
      datasets: input.datasets.map(({ tags, dataset: found }) => ({
        name: found.name,
        digest: found.digest,
        sourceType: found.source_type,
        source: found.source,
        schema: found.schema ?? null,
        profile: found.profile ?? null,
        tags,
      })),
      models: input.models.map((model) => model.model_id),
    });
    return undefined;
  },
});

export const logOutputs = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/outputs",
  name: "mlflowLogOutputs",
  summary: "Models that came out of a run",
  request: {
    run_id: text().required(),
    models: list(message({ model_id: text().required(), step: int64().or(0) }).required()),
  },
  handle: async ({ services, input }) => {
    const models = input.models.map(({ model_id: modelId, step }) => ({ modelId, step }));
    await services.runs.logOutputs(input.run_id, models);
    return undefined;
  },
});

/** What clients before MLflow 3 say of a model that they have uploaded. */
export const logModel = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/log-model",
  name: "mlflowLogModel",
  summary: "Describes a model among the artifacts of a run (clients before MLflow 3)",
  request: { run_id: text().required(), model_json: text().required() },
  handle: async ({ services, input }) => {
    await services.runs.recordModel(input.run_id, readModel(input.model_json));
    return undefined;
  },
});

const modelFields = ["artifact_path", "flavors", "utc_time_created", "run_id"];

function readModel(json: string): Record<string, unknown> {
  const value = parse(json);
  const missing = modelFields.filter((name) => !Object.hasOwn(value, name));
  if (missing.length > 0) {
    throw new HearthError(
      "invalid_request",
      `Model json is missing mandatory fields: {${missing.map((name) => `'${name}'`).join(", ")}}`,
      { details: { field: "model_json", missing } },
    );
  }
  // The rest is for the folder of the model, and too long for a tag.
  return Object.fromEntries(
    Object.entries(value).filter(
      ([name]) => modelFields.includes(name) || name === "model_uuid" || name === "mlflow_version",
    ),
  );
}

function parse(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw malformed(json, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(json);
  return value;
}

function malformed(json: string, cause?: unknown): HearthError {
  return new HearthError(
    "invalid_request",
    `Malformed model info. \n ${json.slice(0, 300)} \n is not a valid JSON.`,
    { cause, details: { field: "model_json" } },
  );
}
