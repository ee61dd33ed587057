import type { HearthClient } from "@hearth/sdk";
import { hubProviderId } from "@hearth/wire/chat/config";

/**
 * What a name means: a model of a provider of the chat (`provider/model`), else one of the hub.
 *
 * @throws HearthApiError `not_found`, with the closest names, for a model that the hub does not have.
 */
export async function choosePlace(
  client: HearthClient,
  name: string,
  signal: AbortSignal,
): Promise<{ providerId: string; modelId: string }> {
  const slash = name.indexOf("/");
  if (slash > 0) {
    const { providers } = await client.conversations.config({ signal });
    const provider = providers.find(({ id }) => id === name.slice(0, slash));
    if (provider !== undefined) return { providerId: provider.id, modelId: name.slice(slash + 1) };
    // `provider/model` of the hub's own other servers: the turn says what is wrong with it.
    return { providerId: hubProviderId, modelId: name };
  }
  await client.models.resolve(name, { signal });
  return { providerId: hubProviderId, modelId: name };
}
