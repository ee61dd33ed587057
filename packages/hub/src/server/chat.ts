import { join } from "node:path";
import type { ChatService, Services } from "../api/services.ts";
import { createChat, type Chat } from "../chat/chat.ts";
import { asMarkdown } from "../chat/sessions/export.ts";
import type { ToolRooms } from "../chat/tools/rooms.ts";
import type { Config } from "../config/config.ts";
import type { Database } from "../storage/database.ts";
import { HearthError } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { Logger } from "../telemetry/log.ts";
import type { LiveFeed } from "./live/live-feed.ts";
import { currentCaller } from "./middleware/caller.ts";

export interface ChatParts {
  config: Config;
  database: Database;
  rooms: ToolRooms;
  live: LiveFeed;
  log: Logger;
  url: () => string;
  contextOf: (model: string) => Promise<number | null>;
}

/** The chat of a hub, with this hub as its first provider. */
export async function openChat({
  config,
  database,
  rooms,
  live,
  log,
  url,
  contextOf,
}: ChatParts): Promise<Chat> {
  return await createChat({
    ...config.chat,
    database,
    rooms,
    contextOf,
    home: config.home,
    logsFolder: join(config.home, "logs"),
    recordsFolder: join(config.home, "processes", "chat"),
    hub: () => ({ url: url(), key: config.apiKey }),
    onChange: (sessionId) => live.announce("chat", sessionId),
    log: (level, message, facts) => log[level](facts, message),
  });
}

/** The chat as the API has it: who asks is known there. */
export function chatService(chat: Chat): ChatService {
  return {
    sessions: chat.sessions,
    tools: chat.tools,
    turn: (request, signal) => chat.turn(request, currentCaller().client, signal),
    stop: (sessionId, answerId) => chat.stop(sessionId, answerId),
    title: (sessionId, signal) => chat.title(sessionId, signal),
    export: async (sessionId, format) => {
      const session = await chat.sessions.get(sessionId);
      const name = session.title
        .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
        .slice(0, 80)
        .replaceAll(/[^\x20-\x7e]/g, "_");
      return format === "json"
        ? { name: `${name || "chat"}.json`, type: "application/json", text: JSON.stringify(session) }
        : { name: `${name || "chat"}.md`, type: "text/markdown", text: asMarkdown(session) };
    },
    config: () => chat.config(),
    replaceConfig: (given) => chat.replaceConfig(given),
    validateConfig: (given) => chat.validateConfig(given),
    reload: (signal) => chat.reload(signal),
  };
}

/** The hub's services as the tools use them. */
export function toolRooms(
  services: Pick<
    Services,
    "models" | "datasets" | "training" | "evaluations" | "tracing" | "serving" | "runs"
  >,
  experimentNames: () => Promise<{ id: string; name: string }[]>,
): ToolRooms {
  const { models, datasets, training, evaluations, tracing, serving, runs } = services;
  return {
    models,
    datasets,
    experiments: { names: experimentNames },
    runs: {
      search: (request) => runs.table({ ...request, offset: 0, stage: "active" }),
      get: (id) => runs.runDetails(id),
    },
    traces: { search: (query) => tracing.list(query), details: (id) => tracing.details(id) },
    jobs: {
      list: (page, status) => training.list(page, status),
      get: (id) => training.get(id),
      log: (id, lines) => training.log(id, lines),
      create: (request) => training.create(request),
      cancel: (id) => training.cancel(id),
    },
    evaluate: (request, signal) => evaluations.run(request, signal, () => undefined),
    serve: (reference, signal) => serving.pin(reference, signal),
  };
}

/** The context that a model's file says it was made for; null where it says nothing, or the hub has no such model. */
export async function contextOf(
  registry: Pick<Registry, "resolve" | "baseOf">,
  model: string,
): Promise<number | null> {
  try {
    const base = await registry.baseOf(await registry.resolve(model));
    const context = base.summary?.["context"];
    return typeof context === "number" ? context : null;
  } catch (error) {
    // A name of another server, or none: the turn itself says what is wrong with it.
    if (error instanceof HearthError) return null;
    throw error;
  }
}
