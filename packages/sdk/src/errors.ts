/**
 * The hub answered with an error. `code` is the hub's stable reason (`not_found`,
 * `invalid_request`, `resource_exhausted`, …), `details` its typed context.
 */
export class HearthApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = "HearthApiError";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** No hub answered: nothing listens at the address, or the connection broke before an answer. */
export class HubUnreachable extends Error {
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`no hub answers at ${url}: start one with \`hearth serve\`, or name another with --url`, { cause });
    this.name = "HubUnreachable";
    this.url = url;
  }
}

/** Something answered, but not as a hub of this version does. */
export class UnexpectedAnswer extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "UnexpectedAnswer";
  }
}
