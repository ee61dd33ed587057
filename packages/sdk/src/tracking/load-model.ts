import { downloadUri, loggedModelResponse, type ModelVersion } from "@hearth/wire/mlflow/registry";
import { runResponse } from "@hearth/wire/mlflow/run";
import { getArtifact, listArtifacts } from "./artifact-store.ts";
import { InvalidTracking } from "./errors.ts";
import { node, type Node } from "./platform/node.ts";
import { resolveVersion, type VersionChoice } from "./registry.ts";
import type { Rest, RestCall } from "./rest.ts";

export interface LoadModelOptions {
  /** Node: where the files go; default a new folder for temporary files, removed when the model is disposed of. */
  folder?: string;
  signal?: AbortSignal;
}

export interface ModelFile {
  /** Within the model, with "/". */
  path: string;
  /** Bytes; null when the server does not say. */
  size: number | null;
  /** Reads the file: in Node from the folder, in a browser from the server. */
  open(): Promise<Blob>;
}

export interface LoadedModel extends AsyncDisposable {
  name: string;
  version: string;
  /** The run that made it; "" when none did. */
  runId: string;
  tags: Record<string, string>;
  /** Where the files are; null in a browser. */
  folder: string | null;
  files: ModelFile[];
}

/** Finds a version of a registered model and brings its files: to a folder in Node, on demand in a browser. */
export async function loadModel(
  rest: Rest,
  name: string,
  choice: VersionChoice,
  options: LoadModelOptions,
): Promise<LoadedModel> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const version = await resolveVersion(rest, name, choice, call);
  const root = await artifactRoot(rest, version, call);
  const modules = node();
  if (modules !== null) return download(modules, rest, root, version, options);
  const files: ModelFile[] = [];
  for await (const { path, size } of listArtifacts(rest, root, call)) {
    files.push({ path, size, open: async () => (await getArtifact(rest, root, path)).blob() });
  }
  return { ...facts(version), folder: null, files, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function download(
  modules: Node,
  rest: Rest,
  root: string,
  version: ModelVersion,
  options: LoadModelOptions,
): Promise<LoadedModel> {
  const { fs, os, path: paths, stream, streamPromises } = modules;
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const own = options.folder === undefined;
  const folder = options.folder ?? (await fs.promises.mkdtemp(paths.join(os.tmpdir(), "hearth-model-")));
  const remove = async () => {
    if (own) await fs.promises.rm(folder, { recursive: true, force: true });
  };
  const files: ModelFile[] = [];
  try {
    for await (const { path } of listArtifacts(rest, root, call)) {
      const target = paths.join(folder, ...path.split("/"));
      await fs.promises.mkdir(paths.dirname(target), { recursive: true });
      const response = await getArtifact(rest, root, path, call);
      // A file under its own name is whole: what is cut off keeps another.
      const partial = `${target}.partial`;
      const body = response.body === null ? [] : stream.Readable.fromWeb(response.body);
      await streamPromises.pipeline(body, fs.createWriteStream(partial), call);
      const { size } = await fs.promises.stat(partial);
      const expected = response.headers.get("content-length");
      if (
        expected !== null &&
        response.headers.get("content-encoding") === null &&
        Number(expected) !== size
      ) {
        throw new InvalidTracking(
          `${path} has ${expected} bytes, of which ${size} came. Load the model again.`,
        );
      }
      await fs.promises.rename(partial, target);
      files.push({ path, size, open: () => fs.openAsBlob(target) });
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { ...facts(version), folder, files, [Symbol.asyncDispose]: remove };
}

function facts(version: ModelVersion): Pick<LoadedModel, "name" | "version" | "runId" | "tags"> {
  const tags = Object.fromEntries(version.tags.map(({ key, value }) => [key, value]));
  return { name: version.name, version: version.version, runId: version.run_id, tags };
}

/** Where a version's files are. Versions point at files directly, through a logged model, or through a run. */
async function artifactRoot(rest: Rest, version: ModelVersion, call: RestCall): Promise<string> {
  const query = { name: version.name, version: version.version };
  const { artifact_uri: uri } = await rest.call(downloadUri, "GET", "model-versions/get-download-uri", {
    ...call,
    query,
  });
  const logged = /^models:\/+(m-[\w-]+)\/*$/.exec(uri);
  if (logged !== null) {
    const path = `logged-models/${encodeURIComponent(logged[1] ?? "")}`;
    return (await rest.call(loggedModelResponse, "GET", path, call)).model.info.artifact_uri;
  }
  const ofRun = /^runs:\/+([^/]+)\/?(.*)$/.exec(uri);
  if (ofRun !== null) {
    const [, runId = "", below = ""] = ofRun;
    const { run } = await rest.call(runResponse, "GET", "runs/get", { ...call, query: { run_id: runId } });
    return below === "" ? run.info.artifact_uri : `${run.info.artifact_uri}/${below}`;
  }
  return uri;
}
