import { hubErrorResponse } from "../api/hub/error.ts";
import { mlflowErrorResponse } from "../api/mlflow/error.ts";
import { openaiErrorResponse } from "../api/openai/error.ts";
import type { Dialect } from "../api/operation.ts";

const errorResponses: Readonly<Record<Dialect, (error: unknown, requestId: string) => Response>> = {
  hub: hubErrorResponse,
  openai: openaiErrorResponse,
  mlflow: mlflowErrorResponse,
};

/** An error as the clients of a dialect read it. */
export function errorResponseIn(dialect: Dialect, error: unknown, requestId: string): Response {
  return errorResponses[dialect](error, requestId);
}

/** Of a path that no route has taken (yet): guards refuse in the client's own words, too. */
export function dialectOf(path: string): Dialect {
  if (/^\/v1(\/|$)/.test(path)) return "openai";
  return /^\/(ajax-)?api\/\d+\.\d+(\/|$)/.test(path) ? "mlflow" : "hub";
}
