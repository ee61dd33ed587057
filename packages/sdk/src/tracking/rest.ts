import { mlflowError } from "@hearth/wire/mlflow/run";
import type { z } from "zod";
import { TrackingError, TrackingUnreachable } from "./errors.ts";
import { BusyError, backoffMs, isTransient, pause, readRetryAfter } from "./retry.ts";

export interface RestOptions {
  url: string;
  /** Sent with every request, such as `authorization`. */
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
  /** How long one call is tried again while the server is away or busy, in milliseconds; default 30,000. */
  retryForMs?: number;
  /** How long one try may take until its answer begins, in milliseconds; default 60,000. */
  timeoutMs?: number;
}

export interface RestCall {
  query?: Record<string, string | readonly string[] | undefined>;
  body?: unknown;
  signal?: AbortSignal;
  /** Another limit than the client's own. */
  retryForMs?: number;
  /** The waits between tries do not keep a Node process alive. */
  idle?: boolean;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** MLflow's REST API over fetch: one place for paths, keys, errors and retries. */
export class Rest {
  readonly url: string;
  readonly headers: Record<string, string>;
  private readonly fetch: typeof globalThis.fetch;
  private readonly retryForMs: number;
  private readonly timeoutMs: number;

  constructor(options: RestOptions) {
    this.url = options.url.replace(/\/+$/, "");
    this.headers = { ...options.headers };
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.retryForMs = options.retryForMs ?? 30_000;
    this.timeoutMs = options.timeoutMs ?? 60_000;
  }

  /**
   * Calls `/api/2.0/mlflow/<path>` and reads its JSON answer.
   * @throws TrackingError when the server refuses, TrackingUnreachable when it gives no answer
   */
  async call<T extends z.ZodType>(
    schema: T,
    method: Method,
    path: string,
    options: RestCall = {},
  ): Promise<z.output<T>> {
    const response = await this.send(method, `/api/2.0/mlflow/${path}`, jsonInit(options.body), options);
    const text = await response.text();
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.join(".") ?? "";
    throw new TrackingError(
      response.status,
      "UNEXPECTED_ANSWER",
      `${this.url} answered ${method} ${path} with another shape (${where}): ${text.slice(0, 200)}`,
    );
  }

  /** Sends until an answer comes that is not transient, or the time is over. Bodies must be readable again. */
  async send(
    method: Method,
    path: string,
    init: { headers?: Record<string, string>; body?: Blob | string },
    options: RestCall = {},
  ): Promise<Response> {
    const until = Date.now() + (options.retryForMs ?? this.retryForMs);
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted();
      let waitMs = backoffMs(attempt, Math.random());
      let failure: unknown;
      try {
        return await this.once(method, path, init, options);
      } catch (error) {
        if (error instanceof TrackingError && !(error instanceof BusyError)) throw error;
        options.signal?.throwIfAborted();
        if (error instanceof BusyError) waitMs = Math.max(waitMs, error.retryAfterMs ?? 0);
        failure = error;
      }
      if (Date.now() + waitMs > until) {
        throw failure instanceof TrackingError ? failure : new TrackingUnreachable(this.url, failure);
      }
      await pause(waitMs, options.signal, options.idle);
    }
  }

  private async once(
    method: Method,
    path: string,
    init: { headers?: Record<string, string>; body?: Blob | string },
    options: RestCall,
  ): Promise<Response> {
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new Error(`no answer within ${this.timeoutMs} ms`));
    }, this.timeoutMs);
    try {
      const response = await this.fetch(`${this.url}${path}${queryText(options.query)}`, {
        method,
        headers: { accept: "application/json", ...this.headers, ...init.headers },
        ...(init.body === undefined ? {} : { body: init.body }),
        // An upload of hours is no silence: the limit is for requests without a file.
        signal: AbortSignal.any([
          ...(init.body instanceof Blob ? [] : [limit.signal]),
          ...(options.signal ? [options.signal] : []),
        ]),
      });
      if (response.ok) return response;
      throw await refusal(response);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function refusal(response: Response): Promise<TrackingError> {
  const text = await response.text();
  const parsed = mlflowError.safeParse(parseJson(text));
  const error = parsed.success
    ? new TrackingError(response.status, parsed.data.error_code, parsed.data.message)
    : new TrackingError(
        response.status,
        "UNEXPECTED_ANSWER",
        `${response.url} answered ${response.status}: ${text.slice(0, 200)}`,
      );
  if (!isTransient(response.status)) return error;
  return new BusyError(error, readRetryAfter(response.headers.get("retry-after"), Date.now()));
}

function jsonInit(body: unknown): { headers?: Record<string, string>; body?: string } {
  if (body === undefined) return {};
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller's schema refuses undefined and quotes the text.
    return undefined;
  }
}

function queryText(query: RestCall["query"]): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (typeof value === "string") given.append(name, value);
    else for (const item of value ?? []) given.append(name, item);
  }
  return given.size === 0 ? "" : `?${given.toString()}`;
}
