import type { ErrorCode } from "../errors.ts";

const statuses: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  path_not_allowed: 400,
  dataset_invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  request_timeout: 408,
  too_large: 413,
  model_file_invalid: 422,
  model_load_failed: 422,
  rate_limited: 429,
  // The client is gone and reads it nowhere but in our log and metrics.
  cancelled: 499,
  internal: 500,
  generation_failed: 500,
  training_failed: 500,
  configuration_invalid: 500,
  platform_unsupported: 501,
  resource_exhausted: 503,
  unavailable: 503,
  timeout: 504,
};

export function errorStatus(code: ErrorCode): number {
  return statuses[code];
}

/** Headers that tell a client how to go on: when to come back, how to identify itself, which methods exist. */
export function errorHeaders(
  code: ErrorCode,
  details: Readonly<Record<string, unknown>>,
): Record<string, string> {
  if (code === "unavailable" || code === "rate_limited" || code === "resource_exhausted") {
    const after = [
      details["retry_after_seconds"],
      details["retryAfterSeconds"],
      details["retryAfter"],
      details["retry_after"],
    ];
    const seconds = after.find((value) => typeof value === "number");
    return { "retry-after": String(Math.max(1, Math.ceil(seconds ?? 1))) };
  }
  if (code === "unauthorized") return { "www-authenticate": 'Basic realm="hearth", charset="UTF-8"' };
  if (code === "method_not_allowed" && Array.isArray(details["allowed"]))
    return { allow: details["allowed"].join(", ") };
  return {};
}
