import { request } from "node:http";
import { normalise } from "./normalise.ts";
import type { Step } from "./step.ts";

/** What a server answered to one step, normalised. */
export interface Exchange {
  status: number;
  /** JSON normalised; another answer as `{ text }`, a page of HTML as `{ html: true }`. */
  body: unknown;
  errorCode: string | undefined;
}

/** Holds the conversation with the server at `url`; the answers by the steps' names. */
export async function converse(url: string, steps: readonly Step[]): Promise<Map<string, Exchange>> {
  const kept = new Map<string, string>();
  const answers = new Map<string, Exchange>();
  for (const step of steps) {
    if (answers.has(step.name)) throw new Error(`two steps are called "${step.name}"`);
    const { status, type, text } = await exchange(url, step, kept);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    for (const [name, path] of Object.entries(step.keep ?? {})) {
      const value = pick(json, path);
      if (value !== undefined) kept.set(name, value);
    }
    answers.set(step.name, {
      status,
      errorCode: pick(json, "error_code"),
      body:
        json === undefined
          ? otherBody(type, step.only?.length === 0 ? "" : text)
          : normalise(forComparison(json, step), kept, new Set(step.loose)),
    });
  }
  return answers;
}

/** No body says the same as an empty object. */
function otherBody(type: string, text: string): unknown {
  if (text === "") return {};
  return type.includes("html") ? { html: true } : { text };
}

/**
 * What is compared of an answer. Of an error not how it is classified further, for dashboards of
 * MLflow's makers. Not the workspace: Hearth has none, as MLflow's server has none by default.
 */
function forComparison(json: unknown, step: Step): unknown {
  if (typeof json !== "object" || json === null) return json;
  const { only } = step;
  if (only?.length === 0) return {};
  if ("error_code" in json) {
    const { error_code } = json;
    const message = "message" in json ? json.message : undefined;
    return { error_code, message: step.message ? message : typeof message };
  }
  if (only) return Object.fromEntries(Object.entries(json).filter(([key]) => only.includes(key)));
  return JSON.parse(JSON.stringify(json, (key, value: unknown) => (key === "workspace" ? undefined : value)));
}

/** The text or number at `a.b.0.c`. */
function pick(json: unknown, path: string): string | undefined {
  let node: unknown = json;
  for (const key of path.split(".")) {
    if (typeof node !== "object" || node === null) return undefined;
    node = Object.entries(node).find(([name]) => name === key)?.[1];
  }
  return typeof node === "string" || typeof node === "number" ? String(node) : undefined;
}

interface Raw {
  status: number;
  type: string;
  text: string;
}

/** node:http, because fetch tidies paths up before it sends them. */
async function exchange(url: string, step: Step, kept: ReadonlyMap<string, string>): Promise<Raw> {
  const fill = (text: string): string => {
    let result = text;
    for (const [name, id] of kept) result = result.replaceAll(`<${name}>`, id);
    return result;
  };
  const { hostname, port } = new URL(url);
  const body =
    step.body === undefined
      ? undefined
      : Buffer.from(fill(typeof step.body === "string" ? step.body : JSON.stringify(step.body)));
  const { promise, resolve, reject } = Promise.withResolvers<Raw>();
  const outgoing = request(
    {
      hostname,
      port,
      // A server may close the connection after it refused a body.
      agent: false,
      method: step.method,
      path: fill(step.path),
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json", "content-length": body.length }),
        ...step.headers,
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          text: Buffer.concat(chunks).toString("utf8"),
        });
      });
    },
  );
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}
