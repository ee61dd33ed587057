import { HearthError } from "../errors.ts";
import type { ErrorOptions } from "../errors.ts";

/** The engine cannot run on this machine; the message says why. */
export class PlatformUnsupported extends HearthError {
  constructor(reason: string, options: ErrorOptions = {}) {
    super("platform_unsupported", reason, options);
  }
}

/** A model or an adapter could not be loaded; the message ends with the engine's own words. */
export class ModelLoadFailed extends HearthError {
  constructor(message: string, options: ErrorOptions = {}) {
    super("model_load_failed", message, options);
  }
}

/** Something does not fit into memory. `details.needed_bytes` and `details.available_bytes` say by how much. */
export class ResourceExhausted extends HearthError {
  constructor(what: string, neededBytes: number, availableBytes: number, options: ErrorOptions = {}) {
    super(
      "resource_exhausted",
      `${what} needs ${megabytes(neededBytes)} of memory and ${megabytes(availableBytes)} are available. Stop something else, choose a smaller model or context, or raise the memory limit.`,
      {
        ...options,
        details: { ...options.details, needed_bytes: neededBytes, available_bytes: availableBytes },
      },
    );
  }
}

/** The engine made no progress for too long; what it did was stopped. */
export class Timeout extends HearthError {
  constructor(waitedMs: number, who = "The engine") {
    super(
      "timeout",
      `${who} made no progress for ${waitedMs / 1000} s and was stopped. Try again; a smaller model or prompt needs less time.`,
      {
        details: { waited_ms: waitedMs },
      },
    );
  }
}

/** A request that this model cannot do as asked. */
export class InvalidRequest extends HearthError {
  constructor(message: string, details: Record<string, unknown> = {}) {
    super("invalid_request", message, { details });
  }
}

/** The engine failed while it was answering. The hub goes on; the next request gets a fresh engine. */
export class GenerationFailed extends HearthError {
  constructor(message: string, options: ErrorOptions = {}) {
    super("generation_failed", message, options);
  }
}

/** Too much is waiting already. `details.retry_after_seconds` says when to come again. */
export class EngineBusy extends HearthError {
  constructor(waiting: number, limit: number, retryAfterSeconds: number) {
    super(
      "unavailable",
      `${waiting} requests wait for this model already, which is the limit (${limit}). Try again in ${retryAfterSeconds} s.`,
      {
        details: { waiting, limit, retry_after_seconds: retryAfterSeconds },
      },
    );
  }
}

/** The caller went away or gave up. */
export class RequestCancelled extends HearthError {
  constructor(cause: unknown) {
    super("cancelled", "The request was cancelled.", { cause });
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
