import { HubUnreachable, type HearthClient } from "@hearth/sdk";
import type { ChatConfig } from "@hearth/wire/chat/config";
import type { HubSettings } from "@hearth/wire/hub/settings";
import type { Finding } from "./finding.ts";

/** How the AI service of the running hub is, where it listens, and which providers lack their key. */
export async function chat({
  client,
  signal,
}: {
  client: HearthClient;
  signal: AbortSignal;
}): Promise<Finding> {
  const finding = { name: "chat", needed: false };
  try {
    const [config, settings] = await Promise.all([
      client.conversations.config({ signal }),
      client.settings({ signal }),
    ]);
    const problems = problemsOf(config);
    return {
      ...finding,
      ok: problems.length === 0,
      found: [`${wordsOf(config)} at ${placeOf(settings.chat)}`, ...problems.map(({ found }) => found)].join(
        "; ",
      ),
      fix: problems[0]?.fix ?? null,
    };
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    return { ...finding, ok: false, found: "no hub is running", fix: "start it: `hearth serve`" };
  }
}

function wordsOf({ service: { state, sidecars } }: ChatConfig): string {
  return state === "up" ? `up (${sidecars.map(({ pid }) => `pid ${pid}`).join(", ")})` : state;
}

function placeOf({ transport, place, port }: HubSettings["chat"]): string {
  if (transport.value !== "http") return `${transport.value} ${place.value}`;
  return port.value === 0 ? `the port in ${place.value}` : `port ${port.value}`;
}

function problemsOf({ service, error, providers, path }: ChatConfig): { found: string; fix: string }[] {
  const without = providers.filter(({ keySource, hasApiKey }) => keySource !== null && !hasApiKey);
  return [
    ...(service.state === "off" ? [{ found: "switched off", fix: "set HEARTH_CHAT=on-demand" }] : []),
    ...(service.error === null
      ? []
      : [{ found: service.error, fix: "look into logs/chat.log of the home folder" }]),
    ...(error === null ? [] : [{ found: error, fix: `mend ${path}` }]),
    ...without.map(({ id, keySource }) => ({
      found: `${id} has no key (${keySource ?? ""})`,
      fix:
        keySource?.startsWith("keyring:") === true
          ? `store it: \`hearth keys set ${keySource.slice("keyring:".length)}\``
          : "set the variable where Hearth is started, and start it again",
    })),
  ];
}
