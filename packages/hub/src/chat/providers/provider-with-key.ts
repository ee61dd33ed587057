import type { ChatProvider } from "@hearth/wire/chat/config";
import type { SidecarProvider } from "../sidecar/messages.ts";
import { findKey } from "./keys.ts";
import { kindOf, usualSource } from "./usual-source.ts";

/** A provider of the file as sidecars are told of it: with its key, or why it has none. */
export async function providerWithKey(
  provider: ChatProvider,
  environment: (name: string) => string | undefined,
): Promise<SidecarProvider> {
  const { id, name, baseURL, apiKey, models } = provider;
  const source = apiKey ?? usualSource(provider);
  const found = source === null ? null : await findKey(source, environment);
  return {
    id,
    name: name ?? id,
    type: kindOf(provider),
    baseURL: baseURL ?? null,
    apiKey: found?.key ?? null,
    missingKey: found !== null && found.key === null ? found.place : null,
    ...(found === null || found.help === null ? {} : { keyHelp: found.help }),
    models,
  };
}
