import { z } from "zod";
import { HearthError } from "../errors.ts";
import { badValue } from "./values.ts";

/** Fields beyond OpenAI's schema that a provider can be said to understand. */
const extensions = [
  "top_k",
  "min_p",
  "repetition_penalty",
  "repeat_penalty",
  "chat_template_kwargs",
] as const;

/** Servers that speak OpenAI's API, whose models are asked for as `name/model`. */
export interface ProviderConfig {
  name: string;
  /** Without a slash at the end. Any of them may be asked. */
  urls: string[];
  /** Goes to these servers and nowhere else. */
  apiKey: string | null;
  apiKeyVariable: string | null;
  /** Requests that one server gets at a time. */
  concurrency: number;
  timeoutMs: number;
  /** Null: what the servers list. */
  models: string[] | null;
  extensions: (typeof extensions)[number][];
}

const mostProviders = 32;
const mostUrls = 16;
const mostModels = 1_000;
const defaults = { concurrency: 4, timeoutSeconds: 30 };

const nameAllowed = "letters, digits, '.', '_' and '-', at most 63, the first a letter or a digit";
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const variablePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const listOf = (what: string, most: number) => ({ error: `a list of 1 to ${most} ${what}` });
const whole = (most: number) => {
  const error = `a whole number from 1 to ${most}`;
  return z.int({ error }).min(1, { error }).max(most, { error });
};
const model = z.string({ error: "a name of a model" }).regex(/^[^\p{C}\p{Z}]{1,200}$/u, {
  error: "a name of a model, at most 200 characters without spaces",
});

/** Every message says what is allowed. */
const entry = z.strictObject({
  urls: z
    .array(z.string(listOf("addresses", mostUrls)), listOf("addresses", mostUrls))
    .min(1, listOf("addresses", mostUrls))
    .max(mostUrls, listOf("addresses", mostUrls)),
  apiKeyVariable: z
    .string({ error: "the name of an environment variable" })
    .regex(variablePattern, {
      error: "the name of an environment variable that holds the key, and never the key itself",
    })
    .optional(),
  concurrency: whole(256).optional(),
  timeoutSeconds: whole(280).optional(),
  models: z
    .array(model, listOf("names", mostModels))
    .min(1, listOf("names", mostModels))
    .max(mostModels, listOf("names", mostModels))
    .optional(),
  extensions: z
    .array(z.enum(extensions, { error: `one of ${extensions.join(", ")}` }), {
      error: `a list of ${extensions.join(", ")}`,
    })
    .max(extensions.length, { error: "each name once" })
    .optional(),
});

/**
 * The providers of `config.json`, and the one that `LLM_BASE_URL` names as `default`; it takes the place of one of
 * that name in the file. Throws `configuration_invalid` that names the setting and what is allowed.
 */
export function readProviders(
  inFile: unknown,
  path: string,
  get: (variable: string) => string | undefined,
): ProviderConfig[] {
  const providers = new Map<string, ProviderConfig>();
  for (const [name, value] of entriesOf(inFile, path)) {
    const setting = `providers.${name}`;
    if (!namePattern.test(name))
      throw badValue(`A name in providers in ${path}`, name.slice(0, 100), nameAllowed);
    const parsed = entry.safeParse(value);
    if (!parsed.success) throw wrong(setting, value, parsed.error.issues[0], path);
    const { urls, apiKeyVariable = null, models = null, concurrency, timeoutSeconds } = parsed.data;
    providers.set(name, {
      name,
      urls: urls.map((url, place) => address(`${setting}.urls[${place}] in ${path}`, url)),
      apiKey: apiKeyVariable === null ? null : key(apiKeyVariable, get(apiKeyVariable)),
      apiKeyVariable,
      concurrency: concurrency ?? defaults.concurrency,
      timeoutMs: (timeoutSeconds ?? defaults.timeoutSeconds) * 1000,
      models,
      extensions: parsed.data.extensions ?? [],
    });
  }
  const named = fromEnvironment(get);
  if (named !== null) providers.set(named.name, named);
  return [...providers.values()];
}

function entriesOf(inFile: unknown, path: string): [string, unknown][] {
  if (inFile === undefined) return [];
  if (typeof inFile !== "object" || inFile === null || Array.isArray(inFile))
    throw new HearthError(
      "configuration_invalid",
      `providers in ${path} must be an object such as {"ollama": {"urls": ["http://127.0.0.1:11434/v1"]}}.`,
      { details: { path, variable: "providers" } },
    );
  const entries = Object.entries(inFile);
  if (entries.length > mostProviders)
    throw badValue(`The number of providers in ${path}`, String(entries.length), `at most ${mostProviders}`);
  return entries;
}

function fromEnvironment(get: (variable: string) => string | undefined): ProviderConfig | null {
  const url = get("LLM_BASE_URL");
  if (url === undefined) return null;
  const wanted = get("LLM_MODEL");
  if (wanted !== undefined && !model.safeParse(wanted).success)
    throw badValue(
      "LLM_MODEL",
      wanted.slice(0, 300),
      "the name of a model, at most 200 characters without spaces",
    );
  return {
    name: "default",
    urls: [address("LLM_BASE_URL", url)],
    apiKey: key("LLM_API_KEY", get("LLM_API_KEY")),
    apiKeyVariable: "LLM_API_KEY",
    concurrency: defaults.concurrency,
    timeoutMs: defaults.timeoutSeconds * 1000,
    models: wanted === undefined ? null : [wanted],
    extensions: [],
  };
}

/** An address without a path gets `/v1`, where nearly all servers have the API. */
function address(setting: string, value: string): string {
  const allowed = "an address such as http://127.0.0.1:11434/v1, without a user, a query or a fragment";
  const url = URL.canParse(value) ? new URL(value) : null;
  // One with a password in it is not repeated.
  const shown =
    url !== null && url.username + url.password !== ""
      ? "(an address with a user in it)"
      : value.slice(0, 300);
  if (
    url === null ||
    !["http:", "https:"].includes(url.protocol) ||
    url.username + url.password + url.search + url.hash !== ""
  )
    throw badValue(setting, shown, allowed);
  const path = url.pathname.replace(/\/+$/, "");
  return `${url.origin}${path === "" ? "/v1" : path}`;
}

/** The value is a secret and is not repeated. */
function key(variable: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  if (/^[\x21-\x7e]{1,4096}$/.test(value)) return value;
  throw new HearthError(
    "configuration_invalid",
    `${variable} holds no key that can be sent; allowed: printable ASCII characters without spaces, at most 4096.`,
    { details: { variable } },
  );
}

function wrong(
  setting: string,
  value: unknown,
  issue: z.core.$ZodIssue | undefined,
  path: string,
): HearthError {
  const place = (issue?.path ?? []).map((part) =>
    typeof part === "number" ? `[${part}]` : `.${String(part)}`,
  );
  if (issue?.code === "unrecognized_keys") {
    return badValue(
      `${setting} in ${path}`,
      issue.keys.join(", ").slice(0, 100),
      Object.keys(entry.shape).join(", "),
    );
  }
  let found = value;
  for (const part of issue?.path ?? []) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, part) : undefined;
  }
  // Who writes the key itself here must not find it in the log.
  const shown =
    place[0] === ".apiKeyVariable"
      ? "(not shown)"
      : (typeof found === "string" ? found : (JSON.stringify(found) ?? "not set")).slice(0, 300);
  return badValue(`${setting}${place.join("")} in ${path}`, shown, issue?.message ?? "something else");
}
