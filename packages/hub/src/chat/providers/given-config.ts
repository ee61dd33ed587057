import { chatConfigFile, hubProviderId, type ChatConfigFile } from "@hearth/wire/chat/config";
import { z } from "zod";
import { usualSource } from "./usual-source.ts";

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** `providers.0.apiKey`; empty: the whole. */
  path: string;
  message: string;
}

/** Either what was given, checked, or what is wrong with it. No message repeats a value that may be a key. */
export function checkConfig(given: unknown): { file: ChatConfigFile } | { problems: Problem[] } {
  const read = chatConfigFile.safeParse(given);
  if (read.success) return { file: read.data };
  return {
    problems: read.error.issues.map(({ path, message }) => ({
      path: path.map(String).join("."),
      message: message.replace(/^Invalid input: /, ""),
    })),
  };
}

/** All of them in one sentence. */
export function problemWords(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

const someProviders = z.looseObject({ providers: z.array(z.unknown()) });
const someProvider = z.looseObject({ id: z.string() });

/**
 * What a client sent, as the file has it. Clients are shown no keys and may send back what they were shown: what only
 * tells (`path`, `error`, `service`, `hasApiKey`, the hub itself) is left out, and a provider that names no key keeps
 * the one that it had; `apiKey: null` takes it away. What is wrong is left for the check.
 */
export function asFile(given: unknown, inForce: ChatConfigFile): unknown {
  const whole = someProviders.safeParse(given);
  if (!whole.success) return given;
  const { path: _path, error: _error, service: _service, providers, ...rest } = whole.data;
  const known = new Map(inForce.providers.map((provider) => [provider.id, provider]));
  return {
    ...rest,
    providers: providers.flatMap((one) => {
      const provider = someProvider.safeParse(one);
      if (!provider.success) return [one];
      const { hasApiKey: _hasApiKey, keySource, apiKey, name, ...others } = provider.data;
      // As it is shown it has `hasApiKey`; a provider that somebody wants to call like this is a mistake to be told.
      if (provider.data.id === hubProviderId && "hasApiKey" in provider.data) return [];
      const before = known.get(provider.data.id);
      const key = keyOf(apiKey, keySource, before);
      const plainName = name === provider.data.id && before?.name === undefined;
      return [
        {
          ...others,
          ...(name === undefined || plainName ? {} : { name }),
          ...(key === undefined ? {} : { apiKey: key }),
        },
      ];
    }),
  };
}

function keyOf(
  apiKey: unknown,
  keySource: unknown,
  before: ChatConfigFile["providers"][number] | undefined,
): unknown {
  if (apiKey === null) return undefined;
  if (apiKey !== undefined) return apiKey;
  const shown = before === undefined ? null : usualSource(before);
  if (keySource === undefined || keySource === null || keySource === shown) return before?.apiKey;
  return keySource;
}
