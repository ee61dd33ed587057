import { loggedModelResponse, type ModelVersion } from "@hearth/wire/mlflow/registry";
import { runResponse } from "@hearth/wire/mlflow/run";
import { z } from "zod";
import { putArtifact } from "./artifact-store.ts";
import { contentOfText, openContent, type ArtifactSource } from "./content.ts";
import { registerModel } from "./registry.ts";
import type { Rest } from "./rest.ts";

export interface LogModelOptions {
  name: string;
  /** The model's files: one source or several; a folder gives all files below it. */
  files: ArtifactSource | readonly ArtifactSource[];
  /** What kind of model it is, in words of the caller's. */
  type?: string;
  params?: Readonly<Record<string, string>>;
  tags?: Readonly<Record<string, string>>;
  /** Makes a version of the registered model of this name. */
  registerAs?: string;
  signal?: AbortSignal;
}

export interface LoggedModel {
  modelId: string;
  name: string;
  runId: string;
  artifactUri: string;
  /** null when it was not registered. */
  version: ModelVersion | null;
}

const nothing = z.object({});

/**
 * Stores files as a model that a run made, in the order of MLflow 3's own clients: the model is
 * announced, its files are stored, it is declared ready, and the run names it as its output. When a
 * file fails, the model is declared failed.
 * @throws TrackingError, TrackingUnreachable
 */
export async function logModel(rest: Rest, runId: string, options: LogModelOptions): Promise<LoggedModel> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const { run } = await rest.call(runResponse, "GET", "runs/get", { ...call, query: { run_id: runId } });
  const body = {
    experiment_id: run.info.experiment_id,
    name: options.name,
    source_run_id: runId,
    ...(options.type === undefined ? {} : { model_type: options.type }),
    params: pairs(options.params),
    tags: pairs(options.tags),
  };
  const { model } = await rest.call(loggedModelResponse, "POST", "logged-models", { ...call, body });
  const { model_id: modelId, artifact_uri: artifactUri } = model.info;
  try {
    await storeFiles(rest, modelId, runId, artifactUri, options);
  } catch (error) {
    // What broke the upload is what the caller must hear, also when the server is gone for this too.
    await declare(rest, modelId, "LOGGED_MODEL_UPLOAD_FAILED").catch(() => undefined);
    throw error;
  }
  await declare(rest, modelId, "LOGGED_MODEL_READY");
  const outputs = { run_id: runId, models: [{ model_id: modelId, step: 0 }] };
  await rest.call(nothing, "POST", "runs/outputs", { ...call, body: outputs });
  const version =
    options.registerAs === undefined
      ? null
      : await registerModel(rest, { ...call, name: options.registerAs, source: { modelId, runId } });
  return { modelId, name: options.name, runId, artifactUri, version };
}

async function storeFiles(
  rest: Rest,
  modelId: string,
  runId: string,
  artifactUri: string,
  options: LogModelOptions,
): Promise<void> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const sources = Array.isArray(options.files)
    ? (options.files as readonly ArtifactSource[])
    : [options.files as ArtifactSource];
  let described = false;
  for (const source of sources) {
    for await (const { path, content } of openContent(source)) {
      described ||= path === "MLmodel";
      await putArtifact(rest, artifactUri, path, content, call);
    }
  }
  if (described) return;
  // MLflow's readers want this file in every model. It is YAML, of which JSON is a part.
  const description = {
    artifact_path: artifactUri,
    flavors: { files: { type: options.type ?? "files" } },
    model_id: modelId,
    run_id: runId,
    utc_time_created: new Date().toISOString().replace("T", " ").replace("Z", ""),
  };
  const content = contentOfText(`${JSON.stringify(description, null, 2)}\n`);
  await putArtifact(rest, artifactUri, "MLmodel", content, call);
}

async function declare(rest: Rest, modelId: string, status: string): Promise<void> {
  const body = { model_id: modelId, status };
  await rest.call(nothing, "PATCH", `logged-models/${encodeURIComponent(modelId)}`, { body });
}

function pairs(values: Readonly<Record<string, string>> | undefined): { key: string; value: string }[] {
  return Object.entries(values ?? {}).map(([key, value]) => ({ key, value }));
}
