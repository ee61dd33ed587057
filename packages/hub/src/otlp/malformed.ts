import { HearthError } from "../errors.ts";

/** The error for a body that is no OTLP trace export. */
export function malformed(what: string, cause?: unknown): HearthError {
  return new HearthError("invalid_request", `Invalid OpenTelemetry format: ${what}.`, { cause });
}
