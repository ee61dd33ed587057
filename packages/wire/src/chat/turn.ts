import { z } from "zod";
import { reasoningEffort } from "../openai/chat-request.ts";
import { chatId, chatMessage, plainText } from "./message.ts";

/** Bytes of the body of a turn. */
export const turnBodyLimit = 2 * 2 ** 20;

/** Which of the hub's tools the model may call: none, those that only read, or all (changing ones ask first). */
export const toolAccess = z.enum(["none", "read", "all"]);
export type ToolAccess = z.infer<typeof toolAccess>;

/** How an answer is to be made; what is absent is left to the provider. */
export const turnSettings = z.object({
  system: z.string().optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  maxTokens: z.int().min(1).optional(),
  seed: z.int().optional(),
  stop: z.array(z.string()).max(16).optional(),
  reasoningEffort: reasoningEffort.optional(),
  maxSteps: z.int().min(1).max(50).optional(),
  /** Default: `all` for models whose context has room for the tools' descriptions, else `none`. */
  tools: toolAccess.optional(),
});
export type TurnSettings = z.infer<typeof turnSettings>;

/**
 * `POST /api/chat`: what the AI SDK's `DefaultChatTransport` sends, and what Hearth adds to it. The answer is a UI
 * message stream (`x-vercel-ai-ui-message-stream: v1`).
 *
 * `messages` is the branch as the client has it, or its end, after `parentId`; messages that the hub does not know yet
 * are stored, each after the one before it. It ends with what is to be answered: a prompt of the user, or an answer
 * that is to be gone on with (its approvals are decided, or it was interrupted).
 */
export const chatRequest = z.object({
  /** The conversation; without it a new one begins. `id` is the AI SDK's name for it. */
  sessionId: chatId.optional(),
  id: chatId.optional(),
  messages: z.array(chatMessage, "messages must be an array").min(1).max(20_000),
  /** What the first of `messages` follows, where they are not the whole branch: the hub has what came before. */
  parentId: chatId.optional(),
  trigger: z.enum(["submit-message", "regenerate-message"]).optional(),
  /** The AI SDK's name for the message that is answered anew. */
  messageId: z.string().optional(),
  /** The id that the answer is to have; without it the hub makes one. */
  answerId: chatId.optional(),
  /** Answers of several models to one prompt: what they have in common, and this one's place among them. */
  group: chatId.optional(),
  position: z.int().min(0).max(63).optional(),
  providerId: plainText(64).optional(),
  modelId: plainText(300).optional(),
  settings: turnSettings.optional(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** What the hub tells a sidecar: a turn whose messages are all here. Nothing of it is kept by the sidecar. */
export const sidecarTurn = z.object({
  sessionId: z.string(),
  answerId: z.string(),
  messages: z.array(chatMessage, "messages must be an array").min(1),
  providerId: z.string().optional(),
  modelId: z.string().optional(),
  settings: turnSettings.optional(),
});
export type SidecarTurn = z.infer<typeof sidecarTurn>;

/** Header of every answer that is a UI message stream, with its version. */
export const streamHeader = ["x-vercel-ai-ui-message-stream", "v1"] as const;
/** Headers that name what answers, and where it is kept. */
export const turnHeaders = {
  provider: "x-chat-provider-id",
  model: "x-chat-model-id",
  session: "x-chat-session-id",
  answer: "x-chat-message-id",
} as const;
