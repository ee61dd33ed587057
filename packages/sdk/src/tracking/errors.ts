/** The tracking server said no. `code` is MLflow's error code, such as RESOURCE_DOES_NOT_EXIST. */
export class TrackingError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "TrackingError";
    this.status = status;
    this.code = code;
  }
}

/** Nothing answered in time, or a server that was busy stayed busy. */
export class TrackingUnreachable extends Error {
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(
      `The tracking server at ${url} gives no answer (${reasonOf(cause)}). ` +
        "Start it, or name another one by `configureTracking({ url })` or MLFLOW_TRACKING_URI.",
      { cause },
    );
    this.name = "TrackingUnreachable";
    this.url = url;
  }
}

/** What was given cannot be recorded; nothing was sent. */
export class InvalidTracking extends TypeError {
  constructor(message: string) {
    super(message);
    this.name = "InvalidTracking";
  }
}

/** The short reason of a failed request; Node's fetch hides it one level down. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error.cause instanceof Error)) return error.message;
  const { code } = error.cause as { code?: unknown };
  return typeof code === "string" ? code : error.cause.message;
}
