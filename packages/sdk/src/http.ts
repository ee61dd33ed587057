import { hubError } from "@hearth/wire/hub/common";
import type { z } from "zod";
import { HearthApiError, HubUnreachable, UnexpectedAnswer } from "./errors.ts";

export interface Connection {
  /** Origin of the hub, without a slash at the end. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

export interface Call {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  form?: FormData;
  query?: Record<string, string | number | undefined>;
  accept?: string;
  signal?: AbortSignal | undefined;
}

/** How often a request that changes nothing is sent again when the connection fails. */
const SAFE_ATTEMPTS = 3;
const RETRY_DELAY_MS = 150;

/** One request; the answer is parsed by its schema. Throws {@link HearthApiError}, {@link HubUnreachable}, {@link UnexpectedAnswer}. */
export async function call<T extends z.ZodType>(
  connection: Connection,
  path: string,
  schema: T,
  options: Call = {},
): Promise<z.infer<T>> {
  const response = await send(connection, path, options);
  const parsed = schema.safeParse(await readJson(response, path));
  if (!parsed.success) {
    throw new UnexpectedAnswer(
      `${connection.url}${path} answered in a form this client does not know: is it a hub of another version?`,
      parsed.error,
    );
  }
  return parsed.data;
}

/** One request whose successful answer is left to the caller (streams, empty answers). */
export async function send(connection: Connection, path: string, options: Call = {}): Promise<Response> {
  const url = new URL(`${connection.url}${path}`);
  for (const [key, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  const headers: Record<string, string> = { accept: options.accept ?? "application/json" };
  if (connection.apiKey !== undefined) headers.authorization = `Bearer ${connection.apiKey}`;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  const init: RequestInit = { method: options.method ?? "GET", headers };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.form !== undefined) init.body = options.form;
  if (options.signal !== undefined) init.signal = options.signal;
  const response = await fetchWithRetry(connection, url, init);
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function fetchWithRetry(connection: Connection, url: URL, init: RequestInit): Promise<Response> {
  const attempts = init.method === "GET" ? SAFE_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      if (attempt >= attempts) throw new HubUnreachable(connection.url, error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * attempt));
    }
  }
}

async function readJson(response: Response, path: string): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnexpectedAnswer(
      `${path} answered with something that is not JSON: ${text.slice(0, 200)}`,
      error,
    );
  }
}

async function errorOf(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const { error } = hubError.parse(JSON.parse(text));
    return new HearthApiError(response.status, error.code, error.message, error.details);
  } catch {
    return new HearthApiError(
      response.status,
      "unexpected_answer",
      `the hub answered ${response.status}: ${text.slice(0, 500) || "(empty body)"}`,
    );
  }
}
