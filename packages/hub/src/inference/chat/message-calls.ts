import { z } from "zod";
import type { ChatMessage } from "../../model-files/chat-template.ts";
import { InvalidRequest } from "../errors.ts";

/** A call that stands in a message of the assistant. */
export interface MessageCall {
  id: string | null;
  name: string;
  /** JSON text of an object. */
  arguments: string;
}

const callsSchema = z.array(
  z.object({
    id: z.string().nullish(),
    function: z.object({
      name: z.string(),
      // Some clients send the object itself.
      arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
    }),
  }),
);

/**
 * The calls of an assistant's message; null when there are none.
 * Errors: InvalidRequest when they are not in OpenAI's form, or arguments are not the JSON text of an object.
 */
export function callsOf(message: ChatMessage): MessageCall[] | null {
  const given = message["tool_calls"];
  if (message.role !== "assistant" || given === undefined || given === null) return null;
  const parsed = callsSchema.safeParse(given);
  if (!parsed.success)
    throw new InvalidRequest(
      `tool_calls of an assistant's message must be a list of {id, type: "function", function: {name, arguments}}: ${z.prettifyError(parsed.error)}`,
      { field: "messages" },
    );
  if (parsed.data.length === 0) return null;
  return parsed.data.map((call) => ({
    id: call.id ?? null,
    name: call.function.name,
    arguments: textOf(call.function.name, call.function.arguments),
  }));
}

function textOf(name: string, args: string | Record<string, unknown>): string {
  if (typeof args !== "string") return JSON.stringify(args);
  if (args.trim() === "") return "{}";
  if (asObject(args) !== null) return args;
  throw new InvalidRequest(
    `The arguments of the call of "${name}" in messages are not the JSON text of an object. Send them as the answer gave them, or leave a call out that was cut off.`,
    { field: "messages" },
  );
}

/** The object that a JSON text holds; null when it holds none. */
export function asObject(text: string): Record<string, unknown> | null {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
