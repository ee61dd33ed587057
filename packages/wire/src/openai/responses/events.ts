import { z } from "zod";
import { chatLogprobs } from "../chat-logprobs.ts";
import { outputItem, outputTextPart, reasoningPart, responseObject } from "./response.ts";

const numbered = { sequence_number: z.int() };
const ofItem = { ...numbered, item_id: z.string(), output_index: z.int() };
const ofPart = { ...ofItem, content_index: z.int() };
const part = z.discriminatedUnion("type", [outputTextPart, reasoningPart]);

const whole = <const T extends string>(type: T) =>
  z.object({ type: z.literal(type), ...numbered, response: responseObject });
const item = <const T extends string>(type: T) =>
  z.object({ type: z.literal(type), ...numbered, output_index: z.int(), item: outputItem });

/** One server-sent event of a streamed response; the event's name is its type. */
export const responseEvent = z.discriminatedUnion("type", [
  whole("response.created"),
  whole("response.in_progress"),
  whole("response.completed"),
  whole("response.incomplete"),
  whole("response.failed"),
  item("response.output_item.added"),
  item("response.output_item.done"),
  z.object({ type: z.literal("response.content_part.added"), ...ofPart, part }),
  z.object({ type: z.literal("response.content_part.done"), ...ofPart, part }),
  z.object({
    type: z.literal("response.output_text.delta"),
    ...ofPart,
    delta: z.string(),
    logprobs: chatLogprobs.shape.content,
  }),
  z.object({
    type: z.literal("response.output_text.done"),
    ...ofPart,
    text: z.string(),
    logprobs: chatLogprobs.shape.content,
  }),
  z.object({ type: z.literal("response.reasoning_text.delta"), ...ofPart, delta: z.string() }),
  z.object({ type: z.literal("response.reasoning_text.done"), ...ofPart, text: z.string() }),
  z.object({ type: z.literal("response.function_call_arguments.delta"), ...ofItem, delta: z.string() }),
  z.object({
    type: z.literal("response.function_call_arguments.done"),
    ...ofItem,
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({
    type: z.literal("error"),
    ...numbered,
    code: z.string().nullable(),
    message: z.string(),
    param: z.string().nullable(),
  }),
]);
export type ResponseEvent = z.infer<typeof responseEvent>;
