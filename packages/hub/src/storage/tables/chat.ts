import type { MessageStatus } from "@hearth/wire/chat/session";
import type { Instant, Json } from "./columns.ts";

/** Conversations of the chat. */
export interface ChatSessionTable {
  id: string;
  title: string;
  provider_id: string | null;
  model_id: string | null;
  /** Models asked side by side: a list of names. */
  models: Json;
  settings: Json;
  tags: Json;
  archived: 0 | 1;
  message_count: number;
  /** The beginning of the newest text. */
  last_message: string;
  created_at: Instant;
  updated_at: Instant;
}

/** Primary key (session_id, id); unique (session_id, sequence). */
export interface ChatMessageTable {
  session_id: string;
  /** Chosen by the client, so that only its conversation makes it unique. */
  id: string;
  /** From 1, in the order of arrival. */
  sequence: number;
  parent_id: string | null;
  /** Answers of several models to one prompt share it. */
  group_id: string | null;
  position: number;
  role: "system" | "user" | "assistant";
  parts: Json;
  /** What was said, without thoughts and tools: what is searched. */
  said: string;
  metadata: Json | null;
  status: MessageStatus;
  error: string | null;
  created_at: Instant;
}

/** The audit of the hub's tools; outlives the conversations. */
export interface ToolCallTable {
  id: string;
  tool: string;
  changes: 0 | 1;
  origin: "chat" | "mcp";
  session_id: string | null;
  message_id: string | null;
  /** The model's or the client's name for the call; models give the same one twice. */
  call_id: string | null;
  /** Of the approval that was asked for, as the stream had it; decided once in its message. */
  approval_id: string | null;
  input: Json;
  status: "requested" | "approved" | "denied" | "running" | "done" | "failed" | "refused";
  output: Json | null;
  error: string | null;
  requested_at: Instant;
  decided_at: Instant | null;
  ended_at: Instant | null;
}
