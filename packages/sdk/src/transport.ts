import { hubError } from "@hearth/wire/hub/common";
import { openaiError } from "@hearth/wire/openai/error";
import type { z } from "zod";
import { HearthApiError, HubUnreachable, UnexpectedAnswer } from "./errors.ts";
import { readRetryAfter } from "./retry-after.ts";
import { readServerSentEvents, type ServerSentEvent } from "./server-sent-events.ts";

export const DEFAULT_URL = "http://127.0.0.1:4747";

export interface ClientOptions {
  /** Where the hub is; default `http://127.0.0.1:4747`. */
  url?: string;
  apiKey?: string;
  /** Another fetch, for tests or proxies. */
  fetch?: typeof globalThis.fetch;
  /** How often a GET is tried again when nothing answers; default 2. */
  retries?: number;
}

export interface CallOptions {
  signal?: AbortSignal;
}

export interface RequestOptions extends CallOptions {
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  form?: FormData;
  accept?: string;
  headers?: Record<string, string>;
}

export interface ListOptions extends CallOptions {
  page?: number;
  pageSize?: number;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const retryDelayMs = 200;

/** How every method of the client reaches the hub: one place for keys, errors and retries. */
export class Transport {
  readonly url: string;
  private readonly apiKey: string | undefined;
  private readonly fetch: typeof globalThis.fetch;
  private readonly retries: number;

  constructor(options: ClientOptions) {
    this.url = (options.url ?? DEFAULT_URL).replace(/\/+$/, "");
    this.apiKey = options.apiKey;
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.retries = options.retries ?? 2;
  }

  /** Sends and checks the answer against its schema. */
  async json<T extends z.ZodType>(
    schema: T,
    method: Method,
    path: string,
    options: RequestOptions = {},
  ): Promise<z.output<T>> {
    const response = await this.send(method, path, options);
    const value = await this.parse(response);
    const result = schema.safeParse(value);
    if (!result.success) {
      throw new UnexpectedAnswer(
        response.url,
        response.status,
        `a body of another shape (${result.error.issues[0]?.path.join(".") ?? ""})`,
        result.error,
      );
    }
    return result.data;
  }

  /** Sends where no body is awaited. */
  async none(method: Method, path: string, options: RequestOptions = {}): Promise<void> {
    const response = await this.send(method, path, options);
    await response.body?.cancel();
  }

  async text(path: string, options: RequestOptions = {}): Promise<string> {
    return (await this.send("GET", path, options)).text();
  }

  /** Sends and reads events as they come; leaving the loop ends the request. */
  async *events(method: Method, path: string, options: RequestOptions = {}): AsyncGenerator<ServerSentEvent> {
    const response = await this.send(method, path, { ...options, accept: "text/event-stream" });
    if (
      response.body === null ||
      !(response.headers.get("content-type") ?? "").startsWith("text/event-stream")
    ) {
      await response.body?.cancel();
      throw new UnexpectedAnswer(response.url, response.status, "no event stream");
    }
    yield* readServerSentEvents(response.body);
  }

  /** Only reads are tried again, and only when no answer came at all: a write may have happened. */
  async send(method: Method, path: string, options: RequestOptions): Promise<Response> {
    const attempts = method === "GET" ? this.retries + 1 : 1;
    for (let attempt = 1; ; attempt++) {
      let response: Response;
      try {
        response = await this.fetch(this.address(path, options.query), this.init(method, options));
      } catch (error) {
        options.signal?.throwIfAborted();
        if (attempt >= attempts) throw new HubUnreachable(this.url, error);
        await pause(retryDelayMs * attempt, options.signal);
        continue;
      }
      if (response.ok) return response;
      throw await this.apiError(response);
    }
  }

  private address(path: string, query: RequestOptions["query"]): string {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) given.set(name, String(value));
    }
    return `${this.url}${path}${given.size === 0 ? "" : `?${given.toString()}`}`;
  }

  private init(method: Method, options: RequestOptions): RequestInit {
    const headers: Record<string, string> = {
      ...options.headers,
      accept: options.accept ?? "application/json",
    };
    if (this.apiKey !== undefined) headers["authorization"] = `Bearer ${this.apiKey}`;
    if (options.body !== undefined) headers["content-type"] = "application/json";
    const body = options.form ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    return {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
  }

  private async parse(response: Response): Promise<unknown> {
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UnexpectedAnswer(response.url, response.status, "a body that is not JSON", error);
    }
  }

  private async apiError(response: Response): Promise<Error> {
    const value = await this.parse(response);
    const requestId = response.headers.get("x-request-id");
    const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), Date.now());
    const hub = hubError.safeParse(value);
    if (hub.success) {
      const { code, message, details } = hub.data.error;
      return new HearthApiError(response.status, code, message, details, requestId, retryAfterMs);
    }
    const openai = openaiError.safeParse(value);
    if (openai.success) {
      const { code, message, param, type } = openai.data.error;
      return new HearthApiError(
        response.status,
        code ?? type,
        message,
        param === null ? {} : { field: param },
        requestId,
        retryAfterMs,
      );
    }
    return new UnexpectedAnswer(response.url, response.status, "an error body of another shape");
  }
}

/** Query of a list, in the hub's own spelling. */
export function pageQueryOf(options: ListOptions): {
  page: number | undefined;
  page_size: number | undefined;
} {
  return { page: options.page, page_size: options.pageSize };
}

/** One path segment. */
export function segment(value: string | number): string {
  return encodeURIComponent(String(value));
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new DOMException("aborted", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
