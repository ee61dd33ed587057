import { mlflowError } from "@hearth/wire/mlflow/run";
import type { z } from "zod";
import type { Content } from "./content.ts";
import { InvalidTracking, TrackingError, TrackingUnreachable } from "./errors.ts";
import { readRetryAfter } from "../retry-after.ts";
import { node } from "./platform/node.ts";
import { sendFile } from "./platform/send-file.ts";
import { Turns } from "./turns.ts";
import { BusyError, backoffMs, isTransient, pause } from "./retry.ts";

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
  /** Waits for its turn among the requests that run behind the program's back; see `mostQueued`. */
  queued?: boolean;
}

/** Requests of tracked calls and logged points to one server at once; more would only wait there. */
const mostQueued = 8;

/** Browsers let requests of 64 KiB in all outlive their page (Fetch standard, section 4.6); text may be 3 bytes a unit. */
const mostKeptAlive = 16_000;

interface RestBody {
  headers?: Record<string, string>;
  body?: string | Content;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** MLflow's REST API over fetch: one place for paths, keys, errors and retries. */
export class Rest {
  readonly url: string;
  readonly headers: Record<string, string>;
  /** Requests go another way than the platform's own, which no other process can be told. */
  readonly isCustom: boolean;
  /** The page goes away: what is sent now may outlive it. */
  leaving = false;
  /** When the server last did what it was asked, in milliseconds since 1970. */
  lastSuccess = 0;
  private readonly queue = new Turns(mostQueued);
  private readonly fetch: typeof globalThis.fetch;
  private readonly retryForMs: number;
  private readonly timeoutMs: number;

  constructor(options: RestOptions) {
    this.url = options.url.replace(/\/+$/, "");
    this.headers = { ...options.headers };
    this.isCustom = options.fetch !== undefined;
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
  async send(method: Method, path: string, init: RestBody, options: RestCall = {}): Promise<Response> {
    const until = Date.now() + (options.retryForMs ?? this.retryForMs);
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted();
      let waitMs = backoffMs(attempt, Math.random());
      let failure: unknown;
      try {
        const once = () => this.once(method, path, init, options);
        return await (options.queued === true ? this.queue.run(once) : once());
      } catch (error) {
        if (error instanceof InvalidTracking) throw error;
        if (error instanceof TrackingError && !(error instanceof BusyError)) throw error;
        options.signal?.throwIfAborted();
        if (error instanceof BusyError) waitMs = Math.max(waitMs, error.retryAfterMs ?? 0);
        failure = error;
      }
      if (Date.now() + waitMs > until) {
        throw failure instanceof TrackingError ? failure : new TrackingUnreachable(this.url, failure);
      }
      await pause(waitMs, options.signal);
    }
  }

  private async bodyInit(body: RestBody["body"]): Promise<RequestInit> {
    if (body === undefined) return {};
    const size = typeof body === "string" ? body.length : body.size;
    return {
      body: typeof body === "string" ? body : await body.open(),
      ...(this.leaving && size < mostKeptAlive ? { keepalive: true } : {}),
    };
  }

  private async request(
    url: string,
    init: RestBody & { method: Method; signal: AbortSignal },
  ): Promise<Response> {
    const { method, body, signal } = init;
    const headers = { accept: "application/json", ...this.headers, ...init.headers };
    const modules = node();
    if (modules !== null && !this.isCustom && typeof body === "object" && body.file !== null) {
      const length = { "content-length": String(body.size) };
      return sendFile(modules, url, body.file, { ...headers, ...length }, signal);
    }
    return this.fetch(url, { method, headers, signal, ...(await this.bodyInit(body)) });
  }

  private async once(method: Method, path: string, init: RestBody, options: RestCall): Promise<Response> {
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new Error(`no answer within ${this.timeoutMs} ms`));
    }, this.timeoutMs);
    try {
      const response = await this.request(`${this.url}${path}${queryText(options.query)}`, {
        ...init,
        method,
        // An upload of hours is no silence: the limit is for requests without a file.
        signal: AbortSignal.any([
          ...(typeof init.body === "object" ? [] : [limit.signal]),
          ...(options.signal ? [options.signal] : []),
        ]),
      });
      if (response.ok) {
        this.lastSuccess = Date.now();
        return response;
      }
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

function jsonInit(body: unknown): RestBody {
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
