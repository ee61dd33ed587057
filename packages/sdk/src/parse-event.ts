import type { z } from "zod";
import { UnexpectedAnswer } from "./errors.ts";
import type { ServerSentEvent } from "./server-sent-events.ts";

/** An event's data as its schema has it. */
export function parseEvent<T extends z.ZodType>(
  schema: T,
  event: ServerSentEvent,
  path: string,
): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(event.data);
  } catch (error) {
    throw new UnexpectedAnswer(path, 200, "an event that is not JSON", error);
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw new UnexpectedAnswer(path, 200, `a "${event.event}" event of another shape`, result.error);
  return result.data;
}
