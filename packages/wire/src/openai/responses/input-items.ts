import { z } from "zod";
import { onlyAbsent, onlyEmptyList } from "../not-supported.ts";
import { text } from "../text.ts";
import { functionName } from "../tools.ts";

const itemId = text().min(1).max(256);
const status = z.enum(["in_progress", "completed", "incomplete"]).nullish();

const inputText = z.strictObject({
  type: z.literal("input_text"),
  text: text(),
  prompt_cache_breakpoint: onlyAbsent(),
});

/** A part of an earlier answer, as a client sends it back. */
const outputText = z.strictObject({
  type: z.literal("output_text"),
  text: text(),
  annotations: onlyEmptyList(),
  /** What came with it; says nothing about the text. */
  logprobs: z.array(z.unknown()).nullish(),
  /** Left by the `parse` of OpenAI's clients; says nothing that `text` does not. */
  parsed: z.unknown().optional(),
});
const refusalPart = z.strictObject({ type: z.literal("refusal"), refusal: text() });

const part = z.discriminatedUnion("type", [inputText, outputText, refusalPart], {
  error: 'only parts of type "input_text", "output_text" and "refusal" are supported by this server',
});

const message = z.strictObject({
  type: z.literal("message"),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([text(), z.array(part)], {
    error: 'must be a string of whole characters or a list of parts of type "input_text" or "output_text"',
  }),
  id: itemId.nullish(),
  status,
  phase: onlyAbsent(),
});

const functionCall = z.strictObject({
  type: z.literal("function_call"),
  call_id: itemId,
  name: functionName,
  arguments: text(),
  id: itemId.nullish(),
  status,
  caller: onlyAbsent(),
  namespace: onlyAbsent(),
  /** Left by the `parse` of OpenAI's clients; says nothing that `arguments` does not. */
  parsed_arguments: z.unknown().optional(),
});

const functionCallOutput = z.strictObject({
  type: z.literal("function_call_output"),
  call_id: itemId,
  output: z.union([text(), z.array(inputText)], {
    error: 'must be a string of whole characters or a list of parts of type "input_text"',
  }),
  id: itemId.nullish(),
  status,
  caller: onlyAbsent(),
  name: functionName.nullish(),
  namespace: onlyAbsent(),
});

const reasoning = z.strictObject({
  type: z.literal("reasoning"),
  id: itemId.nullish(),
  summary: z.array(z.strictObject({ type: z.literal("summary_text"), text: text() })).nullish(),
  content: z.array(z.strictObject({ type: z.literal("reasoning_text"), text: text() })).nullish(),
  encrypted_content: onlyAbsent(),
  status,
});

/** An item of a stored response, by its id. */
const itemReference = z.strictObject({ type: z.literal("item_reference"), id: itemId });

const items = z.discriminatedUnion(
  "type",
  [message, functionCall, functionCallOutput, reasoning, itemReference],
  {
    error:
      'is not supported by this server; only "message", "function_call", "function_call_output", "reasoning" and "item_reference" are',
  },
);
export type InputItem = z.infer<typeof items>;

/** A message may leave its type out. */
function withType(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Object.hasOwn(value, "type")
    ? { type: "message", ...value }
    : value;
}

/** The conversation so far; a text is one message of the user. */
export const responseInput = z
  .preprocess((value) => {
    const list: unknown = typeof value === "string" ? [{ role: "user", content: value }] : value;
    return Array.isArray(list) ? list.map(withType) : list;
  }, z.array(items).min(1).max(10_000))
  .describe(
    "A text of the user, or a list of items: messages (`type` may be left out), `function_call`, `function_call_output`, `reasoning`, and `item_reference` to an item of a stored response.",
  );
