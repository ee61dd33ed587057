import { HearthApiError } from "@hearth/sdk";
import type { ToolPart } from "@hearth/wire/chat/message";
import type { StoredMessage } from "@hearth/wire/chat/session";
import type { ChatRequest } from "@hearth/wire/chat/turn";
import { isTool } from "../../packages/hub/src/chat/sessions/branch.ts";
import { TestHub } from "../test-hub.ts";
import { ScriptedAgent } from "./scripted-agent.ts";

/** A hub whose chat is answered by a scripted agent. */
export class Talk implements AsyncDisposable {
  readonly hub: TestHub;
  readonly agent: ScriptedAgent;

  private constructor(hub: TestHub, agent: ScriptedAgent) {
    this.hub = hub;
    this.agent = agent;
  }

  static async start(): Promise<Talk> {
    const agent = await ScriptedAgent.start();
    const hub = await TestHub.start({ env: { HEARTH_CHAT_RATE_LIMIT: "0" } });
    await hub.client.conversations.replaceConfig({
      version: "1.0",
      providers: [{ id: "scripted", baseURL: agent.url, models: [{ id: "agent", default: true }] }],
      settings: { defaultProviderId: "scripted" },
    });
    return new Talk(hub, agent);
  }

  /** Sends a turn, reads its stream to the end, and gives the answer as it is kept. */
  async turn(request: ChatRequest): Promise<StoredMessage> {
    const response = await this.hub.client.conversations.turn(request);
    await response.text();
    return await this.last(String(request.sessionId));
  }

  /** A prompt at the end of a conversation. */
  async say(sessionId: string, text: string, more: Partial<ChatRequest> = {}): Promise<StoredMessage> {
    const user = {
      id: `u-${Math.random()}`,
      role: "user" as const,
      parts: [{ type: "text" as const, text }],
    };
    return await this.turn({ sessionId, messages: [user], settings: { tools: "all" }, ...more });
  }

  /** Answers every question of the newest message, and goes on. */
  async decide(
    sessionId: string,
    approved: boolean | ((part: ToolPart) => boolean),
    reason?: string,
  ): Promise<StoredMessage> {
    return await this.turn({
      sessionId,
      messages: [decided(await this.last(sessionId), approved, reason)],
      settings: { tools: "all" },
      ...(await this.before(sessionId)),
    });
  }

  /** The newest message of a conversation. */
  async last(sessionId: string): Promise<StoredMessage> {
    const message = (await this.hub.client.conversations.get(sessionId)).messages.at(-1);
    if (message === undefined) throw new Error("the conversation has no messages");
    return message;
  }

  /** What the newest message follows. */
  async before(sessionId: string): Promise<{ parentId?: string }> {
    const { parent_id } = await this.last(sessionId);
    return parent_id === null ? {} : { parentId: parent_id };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await this.agent[Symbol.asyncDispose]();
  }
}

/** The calls of tools in a message. */
export function callsOf({ parts }: Pick<StoredMessage, "parts">): ToolPart[] {
  return parts.filter((part) => isTool(part));
}

/** The message as a client sends it back when a person has answered its questions. */
export function decided(
  { id, role, parts }: StoredMessage,
  approved: boolean | ((part: ToolPart) => boolean),
  reason?: string,
): ChatRequest["messages"][number] {
  return {
    id,
    role,
    parts: parts.map((part) =>
      isTool(part) && part.state === "approval-requested" && part.approval !== undefined
        ? {
            ...part,
            state: "approval-responded" as const,
            approval: {
              ...part.approval,
              approved: typeof approved === "boolean" ? approved : approved(part),
              ...(reason === undefined ? {} : { reason }),
            },
          }
        : part,
    ),
  };
}

/** The error that the hub answers with; throws when it answers otherwise. */
export async function refusal(work: Promise<unknown>): Promise<HearthApiError> {
  const error = await work.then(
    () => new Error("it was not refused"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof HearthApiError) return error;
  throw error;
}
