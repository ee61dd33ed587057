import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { hubProviderId } from "@hearth/wire/chat/config";
import type { JSONValue, LanguageModel } from "ai";
import type { SidecarProvider, SidecarSettings } from "./messages.ts";
import { TurnRefused } from "./turn-refused.ts";

/** The model that a turn asked for, or the one that is taken when it did not say. */
export interface ChosenModel {
  providerId: string;
  modelId: string;
  model: Exclude<LanguageModel, string>;
  /** The longest answer that the configuration gives this model. */
  maxTokens: number | null;
  /** What only this provider is told. */
  options: Record<string, Record<string, JSONValue>>;
}

/**
 * OpenAI is asked by `/responses`: by that wire alone its reasoning models take tools and effort together, and keep
 * their thoughts from step to step. It is told to keep nothing: conversations are the hub's, and each turn has all of
 * its branch (the thoughts come back encrypted). A server that knows `/chat/completions` only is `openai-compatible`.
 */
const openaiOptions = { openai: { store: false } };

/** The starter model's name, for a hub whose configuration says nothing. */
const fallbackModel = "ember";

/**
 * Finds provider and model.
 *
 * @throws TurnRefused `Invalid provider: x`, `Invalid model: x`, or that a key is missing and where it belongs.
 */
export function chooseModel(
  { providers, settings, hubUrl, hubKey }: SidecarSettings,
  asked: { providerId?: string | undefined; modelId?: string | undefined },
): ChosenModel {
  const providerId = asked.providerId ?? settings.defaultProviderId ?? hubProviderId;
  // The configured default belongs to its own provider.
  const usual = asked.providerId === undefined || asked.providerId === settings.defaultProviderId;
  const wanted = asked.modelId ?? (usual ? settings.defaultModelId : undefined);
  if (providerId === hubProviderId) {
    const modelId = wanted ?? fallbackModel;
    const hub = createOpenAICompatible({
      name: hubProviderId,
      baseURL: `${hubUrl}/v1`,
      includeUsage: true,
      supportsStructuredOutputs: true,
      ...(hubKey === null ? {} : { apiKey: hubKey }),
    });
    return { providerId, modelId, model: hub(modelId), maxTokens: null, options: {} };
  }
  const provider = providers.find(({ id }) => id === providerId);
  if (provider === undefined)
    throw new TurnRefused(
      `Invalid provider: ${providerId}. Known: ${names([hubProviderId, ...providers.map(({ id }) => id)])}.`,
    );
  const model =
    wanted === undefined
      ? (provider.models.find((one) => one.default === true) ?? provider.models[0])
      : provider.models.find(({ id }) => id === wanted);
  if (model === undefined)
    throw new TurnRefused(
      `Invalid model: ${wanted ?? ""}. ${provider.name} has ${names(provider.models.map(({ id }) => id))}.`,
    );
  if (provider.apiKey === null && provider.missingKey !== null)
    throw new TurnRefused(
      `API key not configured for provider: ${provider.name}. ${provider.keyHelp ?? `Set ${provider.missingKey} and restart Hearth.`}`,
    );
  return {
    providerId,
    modelId: model.id,
    model: languageModel(provider, model.id),
    maxTokens: model.maxTokens ?? null,
    options: provider.type === "openai" ? openaiOptions : {},
  };
}

function languageModel(provider: SidecarProvider, modelId: string): ChosenModel["model"] {
  const { id, type, baseURL, apiKey } = provider;
  const place = baseURL === null ? {} : { baseURL };
  // The packages would look into the environment for a key that is not given; there is none for them there.
  switch (type) {
    case "openai":
      return createOpenAI({ ...place, apiKey: apiKey ?? "" })(modelId);
    case "anthropic":
      return createAnthropic({ ...place, apiKey: apiKey ?? "" })(modelId);
    case "openai-compatible":
      return createOpenAICompatible({
        name: id,
        baseURL: baseURL ?? "",
        includeUsage: true,
        ...(apiKey === null ? {} : { apiKey }),
      })(modelId);
  }
}

function names(all: readonly string[]): string {
  return all.length === 0 ? "none" : all.map((one) => `"${one}"`).join(", ");
}
