import { z } from "zod";

/*
 * Messages as the AI SDK (version 7) has them between server and page: `UIMessage`. What a provider adds for itself
 * (signatures of thoughts, for one) is carried along unread.
 */

const text = z.looseObject({ type: z.literal("text"), text: z.string(), state: z.string().optional() });
const reasoning = z.looseObject({
  type: z.literal("reasoning"),
  text: z.string(),
  state: z.string().optional(),
});
const stepStart = z.looseObject({ type: z.literal("step-start") });
/** What is attached travels with the message; nothing is fetched from elsewhere. */
const file = z.looseObject({
  type: z.literal("file"),
  mediaType: z.string(),
  filename: z.string().optional(),
  url: z.string().startsWith("data:", "a data: URL; files elsewhere are not fetched"),
});
const sourceUrl = z.looseObject({ type: z.literal("source-url"), sourceId: z.string(), url: z.string() });
const sourceDocument = z.looseObject({ type: z.literal("source-document"), sourceId: z.string() });

/** How far a call of a tool has come. */
export const toolState = z.enum([
  "input-streaming",
  "input-available",
  "approval-requested",
  "approval-responded",
  "output-available",
  "output-error",
  "output-denied",
]);
export type ToolState = z.infer<typeof toolState>;

export const toolApproval = z.looseObject({
  id: z.string(),
  approved: z.boolean().optional(),
  reason: z.string().optional(),
});

const toolCall = {
  toolCallId: z.string().min(1),
  state: toolState,
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  errorText: z.string().optional(),
  approval: toolApproval.optional(),
};
/** A call of the tool that its type names: `tool-search_runs`. */
const staticTool = z.looseObject({ type: z.templateLiteral(["tool-", z.string().min(1)]), ...toolCall });
const dynamicTool = z.looseObject({ type: z.literal("dynamic-tool"), toolName: z.string(), ...toolCall });

export const messagePart = z.union([
  text,
  reasoning,
  stepStart,
  file,
  sourceUrl,
  sourceDocument,
  dynamicTool,
  staticTool,
]);
export type MessagePart = z.infer<typeof messagePart>;
export type ToolPart = z.infer<typeof staticTool> | z.infer<typeof dynamicTool>;

/** Where an answer came from and what it took; `traces` has one of the hub's traces for each step. */
export const answerMetadata = z.looseObject({
  provider: z.string().optional(),
  model: z.string().optional(),
  traces: z.array(z.string()).optional(),
  ttft_ms: z.number().optional(),
  tokens_per_second: z.number().nullable().optional(),
  input_tokens: z.number().nullable().optional(),
  output_tokens: z.number().nullable().optional(),
  finish_reason: z.string().optional(),
  /** Settings that the provider does not know, and other words of the AI SDK. */
  warnings: z.array(z.string()).optional(),
  /** The provider had too much to do, and wants to be asked again after so many milliseconds. */
  retry_after_ms: z.number().optional(),
});
export type AnswerMetadata = z.infer<typeof answerMetadata>;

export const chatMessage = z.looseObject({
  id: z.string().min(1).max(200),
  role: z.enum(["system", "user", "assistant"]),
  parts: z.array(messagePart).max(10_000),
  metadata: z.unknown().optional(),
});
export type ChatMessage = z.infer<typeof chatMessage>;
