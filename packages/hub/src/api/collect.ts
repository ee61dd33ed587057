import { HearthError } from "../errors.ts";
import type { Answer, AnswerEvent } from "./services.ts";

/** Reads a whole answer. Throws what the generation throws. */
export async function collect(
  answer: Answer,
): Promise<{ text: string; done: Extract<AnswerEvent, { type: "done" }> }> {
  let text = "";
  for await (const event of answer.events) {
    if (event.type === "done") return { text, done: event };
    text += event.text;
  }
  throw new HearthError("generation_failed", "The generation ended without saying why; ask again.");
}
