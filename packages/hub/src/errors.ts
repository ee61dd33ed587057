/** Machine-readable reasons; stable, part of the public contract of the API and of the command line. */
export type ErrorCode =
  | "invalid_request"
  | "not_found"
  | "conflict"
  | "too_large"
  | "request_timeout"
  | "forbidden"
  | "unauthorized"
  | "method_not_allowed"
  | "path_not_allowed"
  | "platform_unsupported"
  | "model_load_failed"
  | "resource_exhausted"
  | "timeout"
  | "generation_failed"
  | "training_failed"
  | "dataset_invalid"
  | "model_file_invalid"
  | "unavailable"
  | "rate_limited"
  | "configuration_invalid"
  | "cancelled"
  | "internal";

export interface ErrorOptions {
  cause?: unknown;
  /** Facts a program can use: numbers, field names, line numbers. Never secrets. */
  details?: Record<string, unknown>;
}

/**
 * Base of every error that Hearth raises on purpose. The message says what was
 * wrong, what was found and what to do; `code` is stable; `details` is typed context
 * that travels over process borders and into answers.
 */
export class HearthError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** An error as plain data, for messages between processes and rows in the database. */
export interface SerialisedError {
  code: ErrorCode;
  message: string;
  details: Record<string, unknown>;
}

/** Turns anything thrown into plain data; an unknown error becomes `internal` with its own message. */
export function serialiseError(error: unknown): SerialisedError {
  if (error instanceof HearthError) {
    return { code: error.code, message: error.message, details: error.details };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", message, details: {} };
}

/** The inverse of {@link serialiseError}. */
export function reviveError(error: SerialisedError): HearthError {
  return new HearthError(error.code, error.message, { details: error.details });
}
