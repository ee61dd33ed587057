import { z } from "zod";
import { outputItem } from "./response.ts";

const textParts = z.array(z.object({ type: z.enum(["input_text", "output_text"]), text: z.string() }));

/** An item of an input as it is kept: with an id, and all its content in parts. */
export const storedItem = z.union([
  z.object({
    id: z.string(),
    type: z.literal("message"),
    role: z.enum(["user", "assistant", "system", "developer"]),
    status: z.literal("completed"),
    content: textParts,
  }),
  z.object({
    id: z.string(),
    type: z.literal("function_call_output"),
    status: z.literal("completed"),
    call_id: z.string(),
    output: z.string(),
  }),
  outputItem,
]);
export type StoredItem = z.infer<typeof storedItem>;

/** Answer of `GET /v1/responses/{id}/input_items`. */
export const inputItemList = z.object({
  object: z.literal("list"),
  data: z.array(storedItem),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

export const inputItemQuery = z.object({
  /** The item after which the page begins. */
  after: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** Default: desc, the last one first. */
  order: z.enum(["asc", "desc"]).default("desc"),
});
