import { invalidPath } from "../artifacts/tree/tree-path.ts";
import { operations, pathsOf } from "../api/routes.ts";
import { closestNames } from "../closest-names.ts";
import { HearthError } from "../errors.ts";

interface Entry {
  method: string;
  path: string;
  pattern: RegExp;
}

const entries: readonly Entry[] = operations.flatMap((operation) =>
  pathsOf(operation).map((path) => ({ method: operation.method, path, pattern: patternOf(path) })),
);

/**
 * The error for a request that no route took: 405 with the methods there are, or 404 naming the closest routes.
 * `sent` is the path as it came: `..` has made another of it by now, and who asks for an artifact so is told.
 */
export function noSuchRoute(method: string, path: string, sent = path): HearthError {
  const [, artifact] = /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\/([^?]*)/.exec(sent) ?? [];
  if (artifact !== undefined && /(^|\/)(\.|%2e){2}(\/|$)/i.test(artifact))
    return invalidPath(artifact, 'It leads upwards with "..".');
  const allowed = new Set(entries.filter((entry) => entry.pattern.test(path)).map((entry) => entry.method));
  if (allowed.size > 0) {
    return new HearthError(
      "method_not_allowed",
      `${path} does not take ${method}; it takes ${[...allowed].join(", ")}.`,
      { details: { allowed: [...allowed] } },
    );
  }
  const closest = closestNames(
    path,
    entries.map((entry) => entry.path),
  ).map((found) => `${methodsOf(found)} ${found}`);
  const hint = closest.length > 0 ? ` Closest: ${closest.join("; ")}.` : "";
  return new HearthError(
    "not_found",
    `There is no ${path.slice(0, 200)}.${hint} GET /openapi.json lists every route.`,
    { details: { closest, mlflow_code: "ENDPOINT_NOT_FOUND" } },
  );
}

function methodsOf(path: string): string {
  return entries
    .filter((entry) => entry.path === path)
    .map((entry) => entry.method)
    .join("|");
}

function patternOf(path: string): RegExp {
  const parts = path.split(/(\{\w+(?:\.{3})?\})/).map((part) => {
    if (!part.startsWith("{")) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return part.endsWith("...}") ? ".+" : "[^/]+";
  });
  return new RegExp(`^${parts.join("")}/?$`);
}
