import { z } from "zod";
import { freeObject, text } from "./text.ts";

/** OpenAI's own rule for names of functions. */
export const functionName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, { error: "must be 1 to 64 letters, digits, underscores or dashes" });

const onlyFunctions = 'is not supported by this server; only "function" is';

export const functionDefinition = z.strictObject({
  name: functionName,
  description: text().nullish(),
  /** JSON Schema of the arguments; without it any object. */
  parameters: freeObject().nullish(),
  /** Arguments follow the schema even where the model is free to call or not. */
  strict: z.boolean().nullish(),
});

export const functionTool = z.strictObject({
  type: z.literal("function", { error: onlyFunctions }),
  function: functionDefinition,
});

export const tools = z
  .array(functionTool)
  .max(128)
  .superRefine((list, context) =>
    refuseTwins(
      list.map((tool) => tool.function.name),
      (index) => [index, "function", "name"],
      context,
    ),
  )
  .nullish();

/** Two functions of one name could not be told apart in an answer. */
export function refuseTwins(
  names: readonly string[],
  pathOf: (index: number) => (string | number)[],
  context: z.core.$RefinementCtx,
): void {
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index)
      context.addIssue({
        code: "custom",
        path: pathOf(index),
        message: `repeats the name "${name}"; give each function a name of its own`,
        input: name,
      });
  });
}

const namedFunction = z.strictObject({
  type: z.literal("function", { error: onlyFunctions }),
  function: z.strictObject({ name: functionName }),
});

export const toolChoice = z
  .union(
    [
      z.enum(["none", "auto", "required"]),
      namedFunction,
      z.strictObject({
        type: z.literal("allowed_tools"),
        allowed_tools: z.strictObject({
          mode: z.enum(["auto", "required"]),
          tools: z.array(namedFunction).min(1).max(128),
        }),
      }),
    ],
    {
      error:
        'must be "none", "auto", "required", {"type": "function", "function": {"name": …}} or {"type": "allowed_tools", …} with functions only',
    },
  )
  .nullish();

/** One call of a function, as an answer carries it and as a client sends it back. */
export const toolCall = z.object({
  id: z.string(),
  type: z.literal("function"),
  function: z.object({
    name: z.string(),
    /** JSON text, as the model wrote it. */
    arguments: z.string(),
  }),
});
export type ToolCall = z.infer<typeof toolCall>;

/** More of one call in a stream; `id`, `type` and the name come with its first part. */
export const toolCallDelta = z.object({
  index: z.int(),
  id: z.string().optional(),
  type: z.literal("function").optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
});
export type ToolCallDelta = z.infer<typeof toolCallDelta>;
