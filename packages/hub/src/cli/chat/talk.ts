import { randomUUID } from "node:crypto";
import type { HearthClient } from "@hearth/sdk";
import type { ChatMessage, ToolPart } from "@hearth/wire/chat/message";
import type { ChatSessionWithMessages, StoredMessage } from "@hearth/wire/chat/session";
import type { ChatRequest, TurnSettings } from "@hearth/wire/chat/turn";
import type { Output } from "../output.ts";
import { showAnswer } from "./show.ts";
import { answerIdOf } from "./stream.ts";

/** Asks whether a tool may run with this input; with why not, for the model. */
export type Ask = (tool: string, input: unknown) => Promise<{ approved: boolean; reason?: string }>;

/** One conversation of a terminal, which the hub keeps: its place in it, and what answers. */
export class Talk {
  readonly #client: HearthClient;
  readonly #output: Output;
  readonly #ask: Ask;
  /** Null until the first turn of a new conversation. */
  sessionId: string | null = null;
  /** The newest message of the branch that is gone on with. */
  #last: string | null = null;
  place: { providerId?: string; modelId?: string } = {};
  settings: TurnSettings = {};

  constructor(client: HearthClient, output: Output, ask: Ask) {
    this.#client = client;
    this.#output = output;
    this.#ask = ask;
  }

  /** The next prompt begins another conversation. */
  begin(): void {
    this.sessionId = null;
    this.#last = null;
  }

  /** Goes on with a conversation where it ended, with its model and settings. */
  resume(session: ChatSessionWithMessages): void {
    const { id, provider_id, model_id, settings, messages } = session;
    this.sessionId = id;
    this.#last = messages.at(-1)?.id ?? null;
    this.place = {
      ...(provider_id === null ? {} : { providerId: provider_id }),
      ...(model_id === null ? {} : { modelId: model_id }),
    };
    this.settings = { ...settings };
  }

  /** Sends a prompt, shows what comes, and asks about what needs a person, until the answer is there. */
  async say(text: string, signal: AbortSignal): Promise<void> {
    const prompt: ChatMessage = { id: randomUUID(), role: "user", parts: [{ type: "text", text }] };
    this.sessionId ??= randomUUID();
    await this.#turn(
      { messages: [prompt], ...(this.#last === null ? {} : { parentId: this.#last }) },
      signal,
    );
    await this.settle(signal);
  }

  /** Answers the questions of the newest message, and goes on, as long as there are any. */
  async settle(signal: AbortSignal): Promise<void> {
    for (;;) {
      const message = await this.#newest(signal);
      const asked = message?.parts.filter((part) => isAsked(part)) ?? [];
      if (message === undefined || asked.length === 0) return;
      const decided: ChatMessage = { id: message.id, role: message.role, parts: [] };
      for (const part of asked) {
        const { approved, reason } = await this.#ask(nameOf(part), part.input);
        signal.throwIfAborted();
        const words = reason === undefined ? {} : { reason };
        const approval = { id: part.approval?.id ?? "", approved, ...words };
        decided.parts.push({ ...part, state: "approval-responded", approval });
      }
      const parent = message.parent_id === null ? {} : { parentId: message.parent_id };
      await this.#turn({ messages: [decided], ...parent }, signal);
    }
  }

  async #turn(request: Pick<ChatRequest, "messages" | "parentId">, signal: AbortSignal): Promise<void> {
    const response = await this.#client.conversations.turn(
      {
        ...request,
        ...this.place,
        ...(this.sessionId === null ? {} : { sessionId: this.sessionId }),
        settings: this.settings,
      },
      { signal },
    );
    this.#last = answerIdOf(response);
    await showAnswer(response, this.#output);
  }

  async #newest(signal: AbortSignal): Promise<StoredMessage | undefined> {
    if (this.sessionId === null) return undefined;
    const { messages } = await this.#client.conversations.get(this.sessionId, { signal });
    return messages.find(({ id }) => id === this.#last);
  }
}

function isAsked(part: ChatMessage["parts"][number]): part is ToolPart {
  return "toolCallId" in part && part.state === "approval-requested";
}

function nameOf(part: ToolPart): string {
  return part.type === "dynamic-tool" ? String(part["toolName"]) : part.type.slice("tool-".length);
}
