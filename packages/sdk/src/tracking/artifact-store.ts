import { artifactList } from "@hearth/wire/mlflow/artifact";
import type { Content } from "./content.ts";
import { InvalidTracking, TrackingError } from "./errors.ts";
import type { Rest, RestCall } from "./rest.ts";

export interface ArtifactFile {
  /** Relative to the folder that was listed, with "/". */
  path: string;
  /** Bytes; null when the server does not say. */
  size: number | null;
}

const route = "/api/2.0/mlflow-artifacts/artifacts";

/** Stores one file; a file is read as it is sent. */
export async function putArtifact(
  rest: Rest,
  root: string,
  path: string,
  content: Content,
  call: RestCall = {},
): Promise<void> {
  const headers = { "content-type": content.type === "" ? "application/octet-stream" : content.type };
  const target = `${route}/${encodePath(servedPath(root))}/${encodePath(checkPath(path))}`;
  const response = await rest.send("PUT", target, { headers, body: content }, call);
  await response.body?.cancel();
}

/** Opens one file for reading. */
export async function getArtifact(
  rest: Rest,
  root: string,
  path: string,
  call: RestCall = {},
): Promise<Response> {
  return rest.send(
    "GET",
    `${route}/${encodePath(servedPath(root))}/${encodePath(checkPath(path))}`,
    {},
    call,
  );
}

/** All files below a folder, at any depth. Names that would leave the folder are refused. */
export async function* listArtifacts(
  rest: Rest,
  root: string,
  call: RestCall = {},
  folder = "",
): AsyncGenerator<ArtifactFile> {
  const path = folder === "" ? servedPath(root) : `${servedPath(root)}/${folder}`;
  const response = await rest.send("GET", route, {}, { ...call, query: { path } });
  const { files } = artifactList.parse(await response.json());
  for (const file of files) {
    // Servers list names; some list whole paths.
    const name = file.path.split("/").at(-1) ?? "";
    const below = checkPath(folder === "" ? name : `${folder}/${name}`);
    if (file.is_dir) yield* listArtifacts(rest, root, call, below);
    else yield { path: below, size: file.file_size ?? null };
  }
}

/** A path below an artifact root: relative, with "/", without "." and "..". */
export function checkPath(path: string): string {
  const wrong = path.split("/").some((part) => part === "" || part === "." || part === "..");
  if (wrong || path.includes("\\") || path.includes("\0")) {
    throw new InvalidTracking(
      `An artifact's path is relative, with "/" between its parts and no "." or ".."; found "${path}".`,
    );
  }
  return path;
}

/** The path that the server's artifact route knows: `mlflow-artifacts:/1/abc/artifacts` → `1/abc/artifacts`. */
export function servedPath(uri: string): string {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(uri);
  if (match === null) {
    throw new TrackingError(
      501,
      "NOT_IMPLEMENTED",
      `The artifacts at ${uri} are not served by the tracking server. ` +
        "Start it so that it serves them (mlflow server --serve-artifacts, its default).",
    );
  }
  return (match[1] ?? "").replace(/\/+$/, "");
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
