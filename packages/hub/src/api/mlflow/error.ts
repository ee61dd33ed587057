import { serialiseError, type ErrorCode } from "../../errors.ts";
import { errorHeaders, errorStatus } from "../error-status.ts";
import { internalMessage } from "../hub/error.ts";

/** MLflow's own codes and the statuses its server answers them with. */
const statuses = {
  BAD_REQUEST: 400,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_DOES_NOT_EXIST: 404,
  RESOURCE_CONFLICT: 409,
  RESOURCE_EXHAUSTED: 429,
  REQUEST_LIMIT_EXCEEDED: 429,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const satisfies Record<string, number>;

export type MlflowCode = keyof typeof statuses;

const codes: Partial<Record<ErrorCode, MlflowCode>> = {
  invalid_request: "INVALID_PARAMETER_VALUE",
  path_not_allowed: "INVALID_PARAMETER_VALUE",
  dataset_invalid: "INVALID_PARAMETER_VALUE",
  model_file_invalid: "INVALID_PARAMETER_VALUE",
  too_large: "BAD_REQUEST",
  cancelled: "BAD_REQUEST",
  unauthorized: "UNAUTHENTICATED",
  forbidden: "PERMISSION_DENIED",
  not_found: "RESOURCE_DOES_NOT_EXIST",
  method_not_allowed: "ENDPOINT_NOT_FOUND",
  conflict: "RESOURCE_ALREADY_EXISTS",
  platform_unsupported: "NOT_IMPLEMENTED",
  unavailable: "TEMPORARILY_UNAVAILABLE",
  resource_exhausted: "TEMPORARILY_UNAVAILABLE",
  timeout: "TEMPORARILY_UNAVAILABLE",
};

/**
 * An error as MLflow's clients read it: `{error_code, message}`. Rooms that mean another of MLflow's
 * codes than their own code stands for put it into `details.mlflow_code`.
 */
export function mlflowErrorResponse(error: unknown, requestId: string): Response {
  const { code, message, details } = serialiseError(error);
  const asked = details["mlflow_code"];
  const errorCode =
    typeof asked === "string" && isMlflowCode(asked) ? asked : (codes[code] ?? "INTERNAL_ERROR");
  const shown = code === "internal" ? internalMessage(requestId) : message;
  const ownStatus = code === "too_large" || code === "method_not_allowed" || code === "cancelled";
  const status = isFullDisk(details) ? 507 : ownStatus ? errorStatus(code) : statuses[errorCode];
  return Response.json(
    { error_code: errorCode, message: shown },
    { status, headers: errorHeaders(code, details) },
  );
}

/** 507 and not 503: trying again at once, as MLflow's client does after a 503, makes no room. */
function isFullDisk(details: Readonly<Record<string, unknown>>): boolean {
  const { reason } = details;
  return reason === "ENOSPC" || reason === "EDQUOT" || reason === "EFBIG";
}

function isMlflowCode(text: string): text is MlflowCode {
  return Object.hasOwn(statuses, text);
}
