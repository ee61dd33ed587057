import { z } from "zod";
import { page } from "../hub/common.ts";
import { chatId, chatMessage, plainText } from "./message.ts";
import { turnSettings } from "./turn.ts";

/** As conversations are called before anybody named them. */
export const untitled = "New Chat";

/** A conversation without its messages. */
export const chatSession = z.object({
  id: z.string(),
  title: z.string(),
  provider_id: z.string().nullable(),
  model_id: z.string().nullable(),
  /** The models that are asked side by side, for the page. */
  models: z.array(z.string()),
  settings: turnSettings,
  tags: z.array(z.string()),
  archived: z.boolean(),
  message_count: z.int(),
  /** The beginning of the newest text. */
  last_message: z.string(),
  /** Ids of answers that are being written right now. */
  answering: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
});
export type ChatSession = z.infer<typeof chatSession>;
export const chatSessionPage = page(chatSession);

/**
 * `streaming`: being written; `complete`; `stopped` by whoever asked; `failed` with an error; `interrupted`: the
 * hub or the sidecar ended while it was written. What has come is kept in each case.
 */
export const messageStatus = z.enum(["streaming", "complete", "stopped", "failed", "interrupted"]);
export type MessageStatus = z.infer<typeof messageStatus>;

/** A message with its place in the conversation. */
export const storedMessage = chatMessage.extend({
  /** From 1, in the order of arrival; unique in the conversation. */
  sequence: z.int(),
  /** What it follows; null at the beginning. Messages with the same parent are versions of each other. */
  parent_id: z.string().nullable(),
  /** Answers of several models to one prompt share it. */
  group: z.string().nullable(),
  position: z.int(),
  status: messageStatus,
  error: z.string().nullable(),
  created_at: z.string(),
});
export type StoredMessage = z.infer<typeof storedMessage>;

/** A conversation with all of its branches, messages in the order of `sequence`. */
export const chatSessionWithMessages = chatSession.extend({ messages: z.array(storedMessage) });
export type ChatSessionWithMessages = z.infer<typeof chatSessionWithMessages>;

export const listSessionsQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(50),
  /** In titles and in what was said. */
  search: z.string().max(1000).optional(),
  archived: z.enum(["true", "false", "all"]).default("false"),
});

const title = plainText(200).trim().min(1);
const tags = z.array(z.string().trim().min(1).max(100)).max(50);

export const createSessionRequest = z.strictObject({
  id: chatId.optional(),
  title: title.optional(),
  provider_id: plainText(64).nullable().optional(),
  model_id: plainText(300).nullable().optional(),
  models: z.array(z.string().max(300)).max(64).optional(),
  settings: turnSettings.optional(),
  tags: tags.optional(),
});
export type CreateSessionRequest = z.infer<typeof createSessionRequest>;

export const updateSessionRequest = createSessionRequest
  .omit({ id: true })
  .extend({ archived: z.boolean().optional() });
export type UpdateSessionRequest = z.infer<typeof updateSessionRequest>;

/**
 * A message that is to be stored: as the AI SDK has it, each following the one before it; or as an export has it, with
 * its place among the branches.
 */
export const givenMessage = chatMessage.extend({
  parent_id: chatId.nullable().optional(),
  group: chatId.nullable().optional(),
  position: z.int().min(0).max(63).optional(),
  status: messageStatus.optional(),
  error: z.string().max(10_000).nullable().optional(),
});
export type GivenMessage = z.infer<typeof givenMessage>;

/** `PUT /chat/sessions/{id}/messages`: the whole of a conversation, for example an export of it. */
export const putMessagesRequest = z.object({ messages: z.array(givenMessage).max(20_000) });

export const exportQuery = z.object({ format: z.enum(["json", "markdown"]).default("json") });

/** What conversations take. */
export const chatStorage = z.object({ sessions: z.int(), messages: z.int(), bytes: z.int() });

export const generateTitleRequest = z.object({ session_id: z.string() });
export const generateTitleResponse = z.object({ title: z.string() });
