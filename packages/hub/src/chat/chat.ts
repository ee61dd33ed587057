import { join } from "node:path";
import { hubProviderId, type ChatConfig } from "@hearth/wire/chat/config";
import type { ToolAccess } from "@hearth/wire/chat/turn";
import type { ChatRequest } from "@hearth/wire/chat/turn";
import { HearthError } from "../errors.ts";
import type { Database } from "../storage/database.ts";
import { ChatConfiguration } from "./providers/provider-file.ts";
import { RateLimit } from "./service/rate-limit.ts";
import { relayTurn } from "./service/relay.ts";
import { Sidecars } from "./service/sidecars.ts";
import { findTitle } from "./service/title.ts";
import { createSessions, type Sessions } from "./sessions/sessions.ts";
import { createTurns } from "./sessions/turns.ts";
import type { ToolRooms } from "./tools/rooms.ts";
import { createTools, type Tools } from "./tools/tools.ts";
import type { ChatTransport } from "./transport.ts";

export interface ChatOptions {
  database: Database;
  rooms: ToolRooms;
  home: string;
  logsFolder: string;
  recordsFolder: string;
  start: "off" | "on-demand" | "always";
  sidecars: number;
  transport: ChatTransport;
  /** Turns a minute of one client; 0: no limit. */
  turnsPerMinute: number;
  /** Whether turns of the hub's own models count, too. */
  limitHub: boolean;
  /** A provider that says nothing for so long in the middle of an answer has stalled. */
  stallSeconds: number;
  environment: (name: string) => string | undefined;
  /** Where sidecars find this hub. */
  hub: () => { url: string; key: string | null };
  /** Tokens of prompt and answer of one of the hub's models; null where they are not known. */
  contextOf: (model: string) => Promise<number | null>;
  /** A conversation, or with null the configuration or the service, changed. */
  onChange: (sessionId: string | null) => void;
  log: (level: "warn" | "error", message: string, facts: object) => void;
}

/** Conversations, tools and the sidecars that answer. */
export interface Chat extends AsyncDisposable {
  readonly sessions: Sessions;
  readonly tools: Tools;
  /** Reads the providers, and starts the sidecars where they are always wanted. */
  start(): Promise<void>;
  /** Answers a turn as a UI message stream. Throws `rate_limited`, `unavailable`, and what the turn is refused for. */
  turn(request: ChatRequest, client: string, signal: AbortSignal): Promise<Response>;
  /** Stops the answers of a conversation, or the named one. */
  stop(sessionId: string, answerId?: string): void;
  /** Names a conversation by a model, or by its first prompt where that fails. */
  title(sessionId: string, signal: AbortSignal): Promise<string>;
  /** As the file says now. */
  config(): Promise<ChatConfig>;
  replaceConfig(given: unknown): Promise<ChatConfig>;
  validateConfig(given: unknown): { path: string; message: string }[];
  /** New sidecars in the place of the old ones, which end with their last turn. */
  reload(signal: AbortSignal): Promise<ChatConfig>;
}

/** A model that is loaded for the first time needs this long before its first token. */
const firstChunkMs = 10 * 60_000;
/** A model needs room for the tools' descriptions, for what they return, and for its answer. */
const leastContextForTools = 8192;

export async function createChat(options: ChatOptions): Promise<Chat> {
  const { database, rooms, home, onChange, log, hub } = options;
  await using stack = new AsyncDisposableStack();
  const tools = createTools(database, rooms);
  const turns = createTurns({
    database,
    approvals: tools,
    journals: join(home, "chat", "turns"),
    onChange,
    onSaveFailed: (error) => log("error", "an answer of the chat could not be saved", { err: error }),
  });
  // Before anybody can ask: an answer of this hub would be taken for one that an earlier hub left.
  await tools.recover();
  const left = await turns.recover();
  if (left > 0) log("warn", "answers that an earlier hub had not finished were kept as they were", { left });
  const sessions = createSessions(database, turns, onChange);
  const configuration = stack.use(
    new ChatConfiguration({
      path: join(home, "chat.config.json"),
      environment: options.environment,
      onChange: () => configured(),
    }),
  );
  const sidecars = stack.use(
    new Sidecars({
      start: options.start,
      count: options.sidecars,
      transport: options.transport,
      settings: () => ({
        hubUrl: hub().url,
        hubKey: hub().key,
        providers: [...configuration.providers],
        settings: configuration.settings,
        limits: { firstChunkMs, stalledMs: options.stallSeconds * 1000 },
        tools: tools.list(),
      }),
      logsFolder: options.logsFolder,
      recordsFolder: options.recordsFolder,
      onChange: () => onChange(null),
      onFailed: (facts) => log("warn", "a chat sidecar ended and is started again", facts),
    }),
  );
  let told: string | null = null;
  async function configured(): Promise<void> {
    const { error } = configuration;
    if (error !== null && error !== told) log("warn", "the providers' file is not in force", { error });
    told = error;
    await sidecars.configure();
    onChange(null);
  }
  const limit = new RateLimit(options.turnsPerMinute);
  const config = (): ChatConfig => ({ ...configuration.present(), service: sidecars.status });

  const providerFor = (named: string | null): string =>
    named ?? configuration.settings.defaultProviderId ?? hubProviderId;
  const admit = async (provider: string, client: string): Promise<void> => {
    // Nothing tells of a key that was put into the keyring meanwhile.
    const known = configuration.providers.find(({ id }) => id === provider);
    if (known?.missingKey?.startsWith("keyring:") === true) await configuration.refresh();
    if (provider !== hubProviderId || options.limitHub) limit.take(client);
  };
  const accessFor = async (providerId: string, modelId: string | null): Promise<ToolAccess> => {
    if (providerId !== hubProviderId) return "all";
    const { defaultProviderId = hubProviderId, defaultModelId } = configuration.settings;
    const model = modelId ?? (defaultProviderId === hubProviderId ? defaultModelId : undefined);
    // Nothing is named at all: the starter model answers, which is a small one.
    if (model === undefined) return "none";
    const context = await options.contextOf(model);
    return context !== null && context < leastContextForTools ? "none" : "all";
  };

  const owned = stack.move();
  return {
    sessions,
    tools,
    async start() {
      // Not before the hub answers: a keyring may be locked, and takes its time to say so.
      await configuration.current();
      if (options.start === "always") sidecars.start();
    },
    async turn(request, client, signal) {
      await configuration.current();
      const begun = await turns.begin(request, (named) => admit(providerFor(named), client));
      const { settings } = begun;
      const chosen =
        settings.tools === undefined
          ? { ...settings, tools: await accessFor(providerFor(begun.providerId), begun.modelId) }
          : settings;
      return await relayTurn(begun, chosen, sidecars, signal);
    },
    stop: (sessionId, answerId) => turns.stop(sessionId, answerId),
    async title(sessionId, signal) {
      await configuration.current();
      const session = await sessions.get(sessionId);
      const title = await findTitle(session, sidecars, signal);
      return await sessions.retitle(sessionId, session.title, title);
    },
    async config() {
      await configuration.current();
      return config();
    },
    async replaceConfig(given) {
      await configuration.replace(given);
      return config();
    },
    validateConfig: (given) => configuration.validate(given),
    async reload(signal) {
      if (options.start === "off")
        throw new HearthError("unavailable", "The AI service is switched off (HEARTH_CHAT=off).");
      await configuration.refresh();
      await sidecars.reload(signal);
      return config();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
