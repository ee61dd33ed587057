import { HearthError } from "../errors.ts";
import { treePath } from "./tree/tree-path.ts";

/** The route of the artifact tree, in URIs that name the server. */
const route = "/mlflow-artifacts/artifacts";

/**
 * The path in the hub's artifact tree that a URI means: `mlflow-artifacts:/1/run/artifacts`,
 * `mlflow-artifacts://host/1/…`, `http://host/api/2.0/mlflow-artifacts/artifacts/1/…`; null when the artifacts
 * are somewhere else.
 */
export function treePathOf(uri: string): string | null {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):([^?#]*)/i.exec(uri) ?? [];
  const path = rest.startsWith("//") ? rest.replace(/^\/\/[^/]*/, "") : rest;
  switch (scheme.toLowerCase()) {
    case "mlflow-artifacts":
      return trimmed(path);
    case "http":
    case "https": {
      const start = path.indexOf(`${route}/`);
      return start === -1 ? null : trimmed(path.slice(start + route.length));
    }
    default:
      return null;
  }
}

/**
 * Where `path` below a URI is in the tree. The path is checked by itself, so that it stays below the URI's.
 *
 * @throws HearthError `invalid_request` for a bad path, or a URI whose files the hub does not keep
 */
export function inTree(uri: string, path: string | undefined): string {
  const names = treePath(path ?? "");
  const base = treePathOf(uri);
  if (base === null) {
    throw new HearthError(
      "invalid_request",
      `The artifacts are at ${uri.slice(0, 300)}, which is not served by this hub; a client reads them there itself.`,
      { details: { artifact_uri: uri.slice(0, 300) } },
    );
  }
  return [base, ...names].filter((part) => part !== "").join("/");
}

function trimmed(path: string): string {
  return path.replaceAll(/^\/+|\/+$/g, "");
}
