import { chatConfig, validateConfigResponse, type ChatConfig } from "@hearth/wire/chat/config";
import type { ChatMessage } from "@hearth/wire/chat/message";
import {
  chatSession,
  chatSessionPage,
  chatSessionWithMessages,
  chatStorage,
  generateTitleResponse,
  type ChatSession,
  type ChatSessionWithMessages,
  type CreateSessionRequest,
  type UpdateSessionRequest,
} from "@hearth/wire/chat/session";
import {
  auditedCallPage,
  callToolResponse,
  hubToolList,
  type AuditedCall,
  type CallToolRequest,
  type HubTool,
} from "@hearth/wire/chat/tools";
import type { ChatRequest } from "@hearth/wire/chat/turn";
import type { Page } from "@hearth/wire/hub/common";
import type { z } from "zod";
import { pageQueryOf, segment, type CallOptions, type ListOptions, type Transport } from "./transport.ts";

export interface ListSessionsOptions extends ListOptions {
  /** In titles and in what was said. */
  search?: string;
  /** Default: those that are not archived. */
  archived?: boolean | "all";
}

/** The chat of a hub: conversations that it keeps, turns of models with tools, providers. */
export class ConversationsClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  list(options: ListSessionsOptions = {}): Promise<Page<ChatSession>> {
    const { search, archived = false } = options;
    return this.transport.json(chatSessionPage, "GET", "/api/chat/sessions", {
      ...options,
      query: { ...pageQueryOf(options), search, archived: String(archived) },
    });
  }

  create(request: CreateSessionRequest = {}, options: CallOptions = {}): Promise<ChatSession> {
    return this.transport.json(chatSession, "POST", "/api/chat/sessions", { ...options, body: request });
  }

  get(id: string, options: CallOptions = {}): Promise<ChatSessionWithMessages> {
    return this.transport.json(chatSessionWithMessages, "GET", place(id), options);
  }

  update(id: string, change: UpdateSessionRequest, options: CallOptions = {}): Promise<ChatSession> {
    return this.transport.json(chatSession, "PATCH", place(id), { ...options, body: change });
  }

  remove(id: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("DELETE", place(id), options);
  }

  /** Replaces all messages of a conversation by one line of them. */
  putMessages(
    id: string,
    messages: readonly ChatMessage[],
    options: CallOptions = {},
  ): Promise<ChatSessionWithMessages> {
    return this.transport.json(chatSessionWithMessages, "PUT", `${place(id)}/messages`, {
      ...options,
      body: { messages },
    });
  }

  /** Stops what is answered in a conversation, or one of its answers. */
  stop(id: string, messageId?: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("POST", `${place(id)}/stop`, {
      ...options,
      body: messageId === undefined ? {} : { message_id: messageId },
    });
  }

  /** A conversation as text of a file. */
  export(id: string, format: "json" | "markdown", options: CallOptions = {}): Promise<string> {
    return this.transport.text(`${place(id)}/export`, { ...options, query: { format } });
  }

  storage(options: CallOptions = {}): Promise<z.infer<typeof chatStorage>> {
    return this.transport.json(chatStorage, "GET", "/api/chat/storage", options);
  }

  /** Lets the conversation's model name it; the name that it has now. */
  async generateTitle(id: string, options: CallOptions = {}): Promise<string> {
    const body = { session_id: id };
    const { title } = await this.transport.json(generateTitleResponse, "POST", "/api/chat/generate-title", {
      ...options,
      body,
    });
    return title;
  }

  /**
   * Answers a turn. The body of the response is the AI SDK's UI message stream; an aborted signal stops the work
   * behind it. Throws `HearthApiError`, `rate_limited` and `unavailable` among them, before anything is streamed.
   */
  turn(request: ChatRequest, options: CallOptions = {}): Promise<Response> {
    return this.transport.send("POST", "/api/chat", {
      ...options,
      body: request,
      accept: "text/event-stream",
    });
  }

  config(options: CallOptions = {}): Promise<ChatConfig> {
    return this.transport.json(chatConfig, "GET", "/api/chat/config", options);
  }

  /** Writes the configuration; a provider without a key keeps the one that it had. */
  replaceConfig(config: unknown, options: CallOptions = {}): Promise<ChatConfig> {
    return this.transport.json(chatConfig, "PUT", "/api/chat/config", { ...options, body: config });
  }

  validateConfig(
    config: unknown,
    options: CallOptions = {},
  ): Promise<z.infer<typeof validateConfigResponse>> {
    return this.transport.json(validateConfigResponse, "POST", "/api/chat/config/validate", {
      ...options,
      body: config,
    });
  }

  /** Replaces the sidecars; the old ones end with their last turn. */
  reload(options: CallOptions = {}): Promise<ChatConfig> {
    return this.transport.json(chatConfig, "POST", "/api/chat/reload", { ...options, body: {} });
  }

  async tools(options: CallOptions = {}): Promise<HubTool[]> {
    return (await this.transport.json(hubToolList, "GET", "/api/chat/tools", options)).items;
  }

  /** Runs a tool; what it returned. */
  async callTool(name: string, request: CallToolRequest, options: CallOptions = {}): Promise<unknown> {
    const path = `/api/chat/tools/${segment(name)}`;
    return (await this.transport.json(callToolResponse, "POST", path, { ...options, body: request })).output;
  }

  /** What tools were called, the newest first. */
  toolCalls(options: ListOptions & { sessionId?: string } = {}): Promise<Page<AuditedCall>> {
    return this.transport.json(auditedCallPage, "GET", "/api/chat/tool-calls", {
      ...options,
      query: { ...pageQueryOf(options), session_id: options.sessionId },
    });
  }
}

function place(id: string): string {
  return `/api/chat/sessions/${segment(id)}`;
}
