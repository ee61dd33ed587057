import { hubProviderId } from "@hearth/wire/chat/config";

/** Who answers: a provider of the chat, and its name for a model. */
export interface ModelRef {
  providerId: string;
  modelId: string;
}

const ofProvider = /^(?<provider>[a-z0-9][a-z0-9._-]{0,63})\|(?<model>.+)$/s;

/** Reads what addresses and conversations say: a name of the hub's, or `provider|model` for one of another provider. */
export function readModelRef(text: string): ModelRef {
  const parts = ofProvider.exec(text)?.groups;
  const [providerId, modelId] = [parts?.["provider"], parts?.["model"]];
  return providerId === undefined || modelId === undefined
    ? { providerId: hubProviderId, modelId: text }
    : { providerId, modelId };
}

export function writeModelRef({ providerId, modelId }: ModelRef): string {
  return providerId === hubProviderId ? modelId : `${providerId}|${modelId}`;
}

/** For people: `name`, or `name (provider)`. */
export function modelName(text: string): string {
  const { providerId, modelId } = readModelRef(text);
  return providerId === hubProviderId ? modelId : `${modelId} (${providerId})`;
}
