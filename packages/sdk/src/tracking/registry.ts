import { modelVersionPage, modelVersionResponse, type ModelVersion } from "@hearth/wire/mlflow/registry";
import { z } from "zod";
import { InvalidTracking, TrackingError } from "./errors.ts";
import { isCode } from "./experiments.ts";
import type { Rest, RestCall } from "./rest.ts";

/** `latest` is the highest version, a number that version, any other word an alias. */
export type VersionChoice = "latest" | number | (string & {});

export interface RegisterModelOptions {
  name: string;
  /** A logged model, or where the files are: `runs:/<run>/<path>`, `models:/<id>`, another URI. */
  source: string | { modelId: string; runId?: string };
  runId?: string;
  description?: string;
  tags?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

const nothing = z.object({});

/** Makes a version of a registered model, which is created when there is none of that name. */
export async function registerModel(rest: Rest, options: RegisterModelOptions): Promise<ModelVersion> {
  const { name, source, description } = options;
  const call = options.signal === undefined ? {} : { signal: options.signal };
  try {
    await rest.call(nothing, "POST", "registered-models/create", { ...call, body: { name } });
  } catch (error) {
    if (!isCode(error, "RESOURCE_ALREADY_EXISTS")) throw error;
  }
  const runId = options.runId ?? (typeof source === "string" ? undefined : source.runId);
  const body = {
    name,
    source: typeof source === "string" ? source : `models:/${source.modelId}`,
    ...(typeof source === "string" ? {} : { model_id: source.modelId }),
    ...(runId === undefined ? {} : { run_id: runId }),
    ...(description === undefined ? {} : { description }),
    tags: Object.entries(options.tags ?? {}).map(([key, value]) => ({ key, value })),
  };
  // A version made twice would be two versions: what may have happened is not tried again.
  const answer = await rest.call(modelVersionResponse, "POST", "model-versions/create", {
    ...call,
    body,
    retryForMs: 0,
  });
  return answer.model_version;
}

/** Points an alias at a version; it is moved when it points to another. */
export async function setAlias(
  rest: Rest,
  name: string,
  alias: string,
  version: number | string,
  call: RestCall = {},
): Promise<void> {
  const body = { name, alias, version: String(version) };
  await rest.call(nothing, "POST", "registered-models/alias", { ...call, body });
}

/**
 * The version that a name and a choice mean.
 * @throws TrackingError when there is none
 */
export async function resolveVersion(
  rest: Rest,
  name: string,
  choice: VersionChoice,
  call: RestCall = {},
): Promise<ModelVersion> {
  if (choice === "latest") return latestVersion(rest, name, call);
  if (typeof choice === "number" || /^\d+$/.test(choice)) {
    const query = { name, version: String(choice) };
    return (await rest.call(modelVersionResponse, "GET", "model-versions/get", { ...call, query }))
      .model_version;
  }
  const query = { name, alias: choice.replace(/^@/, "") };
  return (await rest.call(modelVersionResponse, "GET", "registered-models/alias", { ...call, query }))
    .model_version;
}

async function latestVersion(rest: Rest, name: string, call: RestCall): Promise<ModelVersion> {
  if (name.includes("'")) throw new InvalidTracking(`A model's name holds no "'"; found ${name}.`);
  const query = { filter: `name = '${name}'`, max_results: "1", order_by: ["version_number DESC"] };
  const page = await rest.call(modelVersionPage, "GET", "model-versions/search", { ...call, query });
  const [version] = page.model_versions;
  if (version !== undefined) return version;
  throw new TrackingError(404, "RESOURCE_DOES_NOT_EXIST", `There is no version of a model named "${name}".`);
}
