import { posix } from "node:path";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { promptTag } from "../search/search.ts";
import { refused, type Pair } from "./names.ts";
import { findRegistered, findRegisteredVersion, sourceColumn } from "./read-registered.ts";

/** What a program has logged, as far as a version can come from it. */
export interface LoggedSources {
  /** Null when the hub has no such run. */
  run(id: string): Promise<{ artifactUri: string } | null>;
  /** Null when the hub has no such logged model. */
  loggedModel(id: string): Promise<{ artifactUri: string; runId: string | null } | null>;
  /** Tells a logged model that it is a version now. */
  registered(modelId: string, name: string, version: number): Promise<void>;
}

/** Where a client says that a version comes from. `null`: it did not say. */
export interface SourceRequest {
  source: string;
  runId: string | null;
  modelId: string | null;
  tags: readonly Pair[];
}

export interface ResolvedSource {
  source: string;
  /** Where the artifacts are, in the end. */
  location: string;
  runId: string;
  modelId: string | null;
}

/** What MLflow's clients give as the source of a prompt, which has no artifacts. */
const promptSources = new Set(["dummy-source", "prompt-template"]);

/**
 * Finds out where the artifacts of a new version are. A source must not lead out of what it names: one on the
 * hub belongs to the run or the logged model that the request names.
 *
 * @throws HearthError `invalid_request`, `not_found` for a version that the source names
 */
export async function resolveSource(
  db: Queries,
  logged: LoggedSources,
  request: SourceRequest,
): Promise<ResolvedSource> {
  const { source } = request;
  if (source.length > 10_000) throw refused("source", "The source is longer than 10000 characters.");
  const runId = request.runId ?? "";
  if (isPrompt(request.tags)) {
    if (!promptSources.has(source)) {
      throw refused(
        "source",
        `Invalid prompt source: '${shown(source)}'. Prompt sources must use an MLflow placeholder.`,
      );
    }
    return { source, location: source, runId, modelId: request.modelId };
  }
  const scheme = schemeOf(source);
  if (scheme === "models") return await fromModels(db, logged, request);
  if (request.modelId !== null && request.modelId !== "") {
    const model = await logged.loggedModel(request.modelId);
    checkPlace(source, scheme, model?.artifactUri ?? null, "model_id");
    return { source, location: source, runId: runId || (model?.runId ?? ""), modelId: request.modelId };
  }
  const run = runId === "" ? null : await logged.run(runId);
  if (scheme === "runs") {
    const [named = ""] = source.slice("runs:".length).replace(/^\/+/, "").split("/");
    if (named !== runId || runId === "") throw notOf(source, "run_id");
    checkPath(source);
    const location = run === null ? source : below(run.artifactUri, source.split(`${named}/`)[1] ?? "");
    return { source, location, runId, modelId: null };
  }
  checkPlace(source, scheme, run?.artifactUri ?? null, "run_id");
  return { source, location: source, runId, modelId: null };
}

/** `models:/m-…`, `models:/name/3`, `models:/name/Production`, `models:/name/latest`, `models:/name@alias` */
async function fromModels(
  db: Queries,
  logged: LoggedSources,
  { source, runId, modelId }: SourceRequest,
): Promise<ResolvedSource> {
  const path = /^models:\/(?!\/)(?<path>.+)$/i.exec(source)?.groups?.["path"];
  if (path === undefined) throw notOf(source, "model_id");
  checkPath(source);
  const [name = "", suffix, ...more] = path.split("/");
  if (more.length > 0 || name.trim() === "" || suffix?.trim() === "") throw notOf(source, "model_id");
  const at = name.lastIndexOf("@");
  if (suffix === undefined && at === -1) {
    const model = await logged.loggedModel(name);
    if (model === null || (modelId !== null && modelId !== "" && modelId !== name))
      throw notOf(source, "model_id");
    return {
      source,
      location: model.artifactUri,
      runId: (runId ?? "") || (model.runId ?? ""),
      modelId: name,
    };
  }
  const reference =
    suffix === undefined ? { name: name.slice(0, at), suffix: name.slice(at) } : { name, suffix };
  const number = await versionOf(db, reference.name, reference.suffix);
  const { model, version } = await findRegisteredVersion(db, reference.name, number);
  const prompt = await db
    .selectFrom("model_tags")
    .select("value")
    .where("model_id", "=", model.id)
    .where("key", "=", promptTag)
    .executeTakeFirst();
  if (prompt?.value.toLowerCase() === "true") {
    throw refused(
      "source",
      `Invalid model version source: '${shown(source)}'. Prompt versions cannot be used as model version sources.`,
    );
  }
  if (runId !== null && runId !== version.source_run_id) {
    throw refused(
      "run_id",
      `Invalid model version source: '${shown(source)}'. The run_id and model_id request parameters must match the referenced model version.`,
    );
  }
  const { location } = await db
    .selectFrom("model_versions")
    .select(sourceColumn.as("location"))
    .where("id", "=", version.id)
    .executeTakeFirstOrThrow();
  return {
    source: `models:/${reference.name}/${number}`,
    location: version.storage_location ?? location,
    runId: version.source_run_id,
    modelId: modelId === "" ? null : modelId,
  };
}

/** The number that `3`, `latest`, `Production` or `@alias` stands for. */
async function versionOf(db: Queries, name: string, suffix: string): Promise<number> {
  if (/^\d{1,9}$/.test(suffix)) return Number(suffix);
  const model = await findRegistered(db, name);
  if (suffix.startsWith("@")) {
    const alias = await db
      .selectFrom("model_aliases")
      .select("version")
      .where("model_id", "=", model.id)
      .where("alias", "=", suffix.slice(1))
      .executeTakeFirst();
    if (alias !== undefined) return alias.version;
    throw refused("source", `Registered model alias ${shown(suffix.slice(1))} not found.`);
  }
  const versions = await db
    .selectFrom("model_versions")
    .select(["version", "stage"])
    .where("model_id", "=", model.id)
    .orderBy("version", "desc")
    .execute();
  const found =
    suffix.toLowerCase() === "latest"
      ? versions[0]
      : versions.find(({ stage }) => stage.toLowerCase() === suffix.toLowerCase());
  if (found !== undefined) return found.version;
  throw new HearthError("not_found", `No version of ${name} is ${shown(suffix)}.`, {
    details: { model: name, suffix: shown(suffix) },
  });
}

/** Places on the hub's side must be inside what the request names; others must at least be absolute. */
function checkPlace(source: string, scheme: string, root: string | null, field: "run_id" | "model_id"): void {
  if (scheme === "" || scheme === "file") {
    const path = localPath(source);
    const rootPath = root !== null && ["", "file"].includes(schemeOf(root)) ? localPath(root) : null;
    if (rootPath !== null && (path === rootPath || path.startsWith(`${rootPath}/`))) return;
    throw refused(
      "source",
      `Invalid model version source: '${shown(source)}'. To use a local path as a model version source, ` +
        `the ${field} request parameter has to be specified and the local path has to be contained within ` +
        `the artifact directory of the run specified by the ${field}.`,
    );
  }
  checkPath(source);
  if (scheme === "runs") throw notOf(source, field);
  if (!isOnHub(source, scheme)) return;
  if (root === null || !isWithin(source, root)) throw notOf(source, field);
}

function checkPath(source: string): void {
  const plain = unquoted(source);
  const path = plain
    .replace(/^[a-z][\w+.-]*:(\/\/[^/?#]*)?/i, "")
    .replace(/[?#].*$/s, "")
    .replaceAll(/\/+/g, "/")
    .replace(/(?<=.)\/$/, "");
  const parts = plain.split("/");
  if (!plain.includes("\0") && !parts.includes("..") && (path === "" || posix.normalize(path) === path))
    return;
  throw refused(
    "source",
    `Invalid model version source: '${shown(source)}'. If supplying a source as an http, https, local file path, ftp, ` +
      "objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. " +
      "Please provide an absolute path.",
  );
}

function isOnHub(source: string, scheme: string): boolean {
  if (scheme === "mlflow-artifacts") return true;
  return (
    ["http", "https"].includes(scheme) &&
    partsOf(source).join("/").includes("api/2.0/mlflow-artifacts/artifacts")
  );
}

function isWithin(source: string, root: string): boolean {
  const rootParts = partsOf(root);
  const parts = partsOf(source);
  return (
    schemeOf(source) === schemeOf(root) &&
    authorityOf(source) === authorityOf(root) &&
    rootParts.length > 0 &&
    rootParts.every((part, index) => parts[index] === part)
  );
}

function partsOf(uri: string): string[] {
  return uri
    .replace(/^[a-z][\w+.-]*:(\/\/[^/?#]*)?/i, "")
    .replace(/[?#].*$/s, "")
    .split("/")
    .filter((part) => part !== "")
    .map(unquoted);
}

function schemeOf(uri: string): string {
  return (/^(?<scheme>[a-z][\w+.-]*):/i.exec(uri)?.groups?.["scheme"] ?? "").toLowerCase();
}

function authorityOf(uri: string): string {
  return (/^[a-z][\w+.-]*:\/\/(?<host>[^/?#]*)/i.exec(uri)?.groups?.["host"] ?? "").toLowerCase();
}

function localPath(uri: string): string {
  return posix.resolve("/", unquoted(uri.replace(/^file:(\/\/[^/]*)?/i, "")));
}

function below(uri: string, path: string): string {
  return path === "" ? uri : `${uri.replace(/\/+$/, "")}/${path}`;
}

/** Until nothing is quoted any more, however often it was. */
function unquoted(text: string): string {
  let before = text;
  for (let round = 0; round < 20; round += 1) {
    const after = before.replaceAll(/(?:%[0-9a-f]{2})+/gi, (quoted) =>
      Buffer.from(quoted.replaceAll("%", ""), "hex").toString(),
    );
    if (after === before) return after;
    before = after;
  }
  return before;
}

export function isPrompt(tags: readonly Pair[]): boolean {
  return tags.findLast(({ key }) => key === promptTag)?.value.toLowerCase() === "true";
}

function notOf(source: string, field: "run_id" | "model_id"): HearthError {
  return refused(
    "source",
    `Invalid model version source: '${shown(source)}'. The ${field} request parameter must identify the resource that contains the source.`,
  );
}

function shown(text: string): string {
  return text.slice(0, 300);
}
