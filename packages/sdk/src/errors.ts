/** The hub answered with an error. `code` is stable; `details` are facts a program can use. */
export class HearthApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, unknown>;
  /** Names the request in the hub's log; null when the hub did not get far enough. */
  readonly requestId: string | null;
  /** After so many milliseconds another try may be answered (Retry-After); null where the hub names no time. */
  readonly retryAfterMs: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    details: Record<string, unknown> = {},
    requestId: string | null = null,
    retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = "HearthApiError";
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing answers at the address: the hub is not running, or cannot be reached from here. */
export class HubUnreachable extends Error {
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(
      `No hub answers at ${url} (${reason(cause)}). Start one with \`hearth serve\`, or name another address.`,
      { cause },
    );
    this.name = "HubUnreachable";
    this.url = url;
  }
}

/** Something answers, but not as a hub of this version does. */
export class UnexpectedAnswer extends Error {
  readonly status: number;

  constructor(url: string, status: number, problem: string, cause?: unknown) {
    super(
      `${url} answered ${status} with ${problem}. Is it a Hearth hub of this version?`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "UnexpectedAnswer";
    this.status = status;
  }
}

/** Node's fetch hides the reason one level down. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) {
    const code = "code" in error.cause && typeof error.cause.code === "string" ? error.cause.code : null;
    return code ?? error.cause.message;
  }
  return error.message;
}
