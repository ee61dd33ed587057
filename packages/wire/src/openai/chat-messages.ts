import { z } from "zod";
import { onlyAbsent, onlyEmptyList } from "./not-supported.ts";
import { text } from "./text.ts";
import { functionName } from "./tools.ts";

const textPart = z.strictObject({
  type: z.literal("text", { error: 'only parts of type "text" are supported by this server' }),
  text: text(),
});

/** What an assistant said instead of an answer. */
const refusalPart = z.strictObject({ type: z.literal("refusal"), refusal: text() });

/** Plain text, or a list of text parts that are joined in order. */
const content = z.union([text(), z.array(textPart).min(1)], {
  error: 'must be a string of whole characters or a list of parts of type "text"',
});

/** Given to the model's chat template; one that has no place for names leaves it out. */
const participant = text().min(1).max(256).nullish();

const plainMessage = (role: "system" | "developer" | "user") =>
  z.strictObject({ role: z.literal(role), content, name: participant });

const earlierCall = z.strictObject({
  id: text().min(1).max(256),
  type: z.literal("function", { error: 'is not supported by this server; only "function" is' }),
  function: z.strictObject({
    name: functionName,
    arguments: text(),
    /** Left by the `parse` of OpenAI's clients; says nothing that `arguments` does not. */
    parsed_arguments: z.unknown().optional(),
  }),
});

/** An earlier answer, as a client sends it back. */
const assistantMessage = z
  .strictObject({
    role: z.literal("assistant"),
    content: z
      .union([text(), z.array(z.discriminatedUnion("type", [textPart, refusalPart])).min(1)], {
        error: 'must be a string of whole characters or a list of parts of type "text" or "refusal"',
      })
      .nullish(),
    /** What a thinking model thought before it; its template decides whether it is told again. */
    reasoning_content: text().nullish(),
    tool_calls: z.array(earlierCall).max(128).nullish(),
    name: participant,
    refusal: text().nullish(),
    audio: onlyAbsent(),
    annotations: onlyEmptyList(),
    function_call: onlyAbsent(),
    /** Left by the `parse` of OpenAI's clients; says nothing that `content` does not. */
    parsed: z.unknown().optional(),
  })
  .refine(
    ({ content: said, tool_calls: calls, refusal }) =>
      (said ?? refusal ?? null) !== null || (calls ?? []).length > 0,
    { path: ["content"], error: "is required where there are no tool_calls" },
  );

const toolMessage = z.strictObject({
  role: z.literal("tool"),
  content,
  /** The `id` of the call that this answers. */
  tool_call_id: text().min(1).max(256),
  name: participant,
});

export const chatMessage = z.discriminatedUnion(
  "role",
  [plainMessage("system"), plainMessage("developer"), plainMessage("user"), assistantMessage, toolMessage],
  { error: 'must be one of "system", "developer", "user", "assistant", "tool"' },
);
export type ChatRequestMessage = z.infer<typeof chatMessage>;
