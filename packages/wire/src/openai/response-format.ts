import { z } from "zod";
import { freeObject, text } from "./text.ts";

const schemaName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, { error: "must be 1 to 64 letters, digits, underscores or dashes" });

/** What an answer can be held to by its JSON Schema, wherever the request says so. */
export const schemaFields = {
  /** A label for the caller; the model does not see it. */
  name: schemaName,
  /** Becomes the schema's own `description` where that has none; the model does not see it. */
  description: text().nullish(),
  /** Without a schema any JSON object. What a grammar cannot carry is refused, strict or not. */
  schema: freeObject().nullish(),
  /** The answer follows the schema either way. */
  strict: z.boolean().nullish(),
};

export const responseFormat = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({ type: z.literal("json_schema"), json_schema: z.strictObject(schemaFields) }),
    ],
    { error: 'must be "text", "json_object" or "json_schema"; others are not supported by this server' },
  )
  .nullish();
