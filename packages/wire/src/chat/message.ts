import { z } from "zod";

/*
 * Messages as the AI SDK (version 7) has them between server and page: `UIMessage`. What a provider adds for itself
 * (signatures of thoughts, for one) is carried along unread.
 */

/** Names and ids that databases keep: without U+0000 and halves of characters, which not all of them can. */
export const plainText = (longest: number, least = 0) =>
  z
    .string()
    .min(least)
    .max(longest)
    .refine((value) => !value.includes("\0") && isWellFormed(value), {
      error: "must be text without U+0000 and without halves of surrogate pairs",
    });

function isWellFormed(value: string): boolean {
  return !/\p{Surrogate}/u.test(value);
}

/** What a client calls a conversation, a message or an answer. */
export const chatId = plainText(200, 1);

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

export const messagePart = z.union(
  [text, reasoning, stepStart, file, sourceUrl, sourceDocument, dynamicTool, staticTool],
  { error: (issue) => partProblem(issue) },
);

/** Of a union's errors those of the kind that was meant: the one whose type fits. */
function partProblem(issue: z.core.$ZodRawIssue): string {
  const kinds = "errors" in issue && Array.isArray(issue.errors) ? issue.errors : [];
  for (const kind of kinds) {
    const read = issuesOfKind.safeParse(kind);
    const [first] = read.data ?? [];
    if (first !== undefined && read.data?.every(({ path }) => path.length > 0 && path[0] !== "type") === true)
      return `is wrong: ${first.path.join(".")}: ${first.message.replace(/^Invalid input: /, "")}`;
  }
  return "must be a part whose type is text, reasoning, step-start, file, source-url, source-document, dynamic-tool or tool-NAME";
}
const issuesOfKind = z.array(
  z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }),
);
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
  id: chatId,
  role: z.enum(["system", "user", "assistant"]),
  parts: z.array(messagePart).max(10_000),
  metadata: z.unknown().optional(),
});
export type ChatMessage = z.infer<typeof chatMessage>;
