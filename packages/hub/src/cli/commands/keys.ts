import { join } from "node:path";
import { HearthApiError, HubUnreachable, type HearthClient } from "@hearth/sdk";
import type { ChatConfig } from "@hearth/wire/chat/config";
import type { Command } from "commander";
import { isKey } from "../../chat/providers/keys.ts";
import { KeyringFailed, systemKeyring, type Keyring } from "../../chat/providers/keyring.ts";
import { loadConfig } from "../../config/load.ts";
import { HearthError } from "../../errors.ts";
import { createContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { readSecret } from "../read-secret.ts";

export function registerKeys(program: Command): void {
  const keys = program
    .command("keys")
    .description("keys of the chat's providers: which are set, and the system's keyring")
    .action(async (_options: unknown, command: Command) => {
      const { client, output } = await createContext(command);
      const { providers, hub } = await knownProviders(client);
      const listed = providers
        .filter(({ keySource }) => keySource !== null)
        .map(({ id, keySource, hasApiKey }) => ({ provider: id, source: keySource ?? "", set: hasApiKey }));
      if (listed.length === 0) output.line("No provider of chat.config.json needs a key.");
      else
        output.table(
          ["provider", "key", "state"],
          listed.map(({ provider, source, set }) => [provider, source, set ? "set" : "not set"]),
        );
      if (!hub) output.note("no hub is running; variables are those of this shell");
      output.result({ keys: listed });
    });
  keys
    .command("set <name>")
    .description(
      "store a key in the keyring, read from a prompt or from standard input; chat.config.json names it keyring:NAME",
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const keyring = keyringFor(name);
      const key = await readSecret(`Key for ${name}: `, signal);
      if (!isKey(key))
        throw new UsageError(
          "That is no key: a key is one line of at most 1900 ASCII characters without spaces.",
        );
      await asked(() => keyring.store(name, key));
      await tellHub(client);
      output.line(`${name} is in the keyring; a provider uses it by "apiKey": "keyring:${name}".`);
      output.result({ name, set: true });
    });
  keys
    .command("remove <name>")
    .description("take a key out of the keyring")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output } = await createContext(command);
      const keyring = keyringFor(name);
      const there = await asked(() => keyring.remove(name));
      if (!there) throw new HearthError("not_found", `The keyring has no key "${name}" of Hearth.`);
      await tellHub(client);
      output.line(`${name} is no longer in the keyring.`);
      output.result({ name, set: false });
    });
}

function keyringFor(name: string): Keyring {
  if (!/^\w[\w.@-]{0,99}$/.test(name))
    throw new UsageError(
      `${JSON.stringify(name)} is no name of a key; allowed: letters, digits and . _ @ -, at most 100.`,
    );
  const keyring = systemKeyring();
  if (keyring === null)
    throw new HearthError(
      "platform_unsupported",
      "This system has no keyring that Hearth can use. Set a variable where Hearth is started, and name it ${NAME} in chat.config.json.",
    );
  return keyring;
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeyringFailed)
      throw new HearthError("platform_unsupported", error.message, { cause: error });
    throw error;
  }
}

/** As the running hub has them, or, where none runs, as it would have them if it were started from here. */
async function knownProviders(
  client: HearthClient,
): Promise<{ providers: ChatConfig["providers"]; hub: boolean }> {
  try {
    return { providers: (await client.conversations.config()).providers, hub: true };
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    const { home, chat } = loadConfig();
    // Loaded here: with a hub that runs nobody needs it.
    const { ChatConfiguration } = await import("../../chat/providers/provider-file.ts");
    using configuration = new ChatConfiguration({
      path: join(home, "chat.config.json"),
      environment: chat.environment,
      onChange: () => undefined,
      lookEveryMs: null,
    });
    await configuration.current();
    const { error: broken, providers } = configuration.present();
    if (broken !== null) throw new HearthError("configuration_invalid", broken);
    return { providers, hub: false };
  }
}

/** A hub that runs looks its keys up again. */
async function tellHub(client: HearthClient): Promise<void> {
  try {
    await client.conversations.reload();
  } catch (error) {
    // None runs, or its chat is switched off: it will look when it starts.
    if (error instanceof HubUnreachable || (error instanceof HearthApiError && error.code === "unavailable"))
      return;
    throw error;
  }
}
