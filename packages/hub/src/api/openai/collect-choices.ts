import type { Usage } from "@hearth/wire/openai/sampling";
import { endedEarly, gather, nothingYet, type Collected } from "../collect.ts";
import type { Answer, AnswerEvent } from "../services.ts";
import type { ChoiceEvent } from "./choices.ts";
import { UsageCount } from "./usage.ts";

/** A choice, read to its end. */
export interface WholeChoice extends Collected {
  answer: Answer;
  done: Extract<AnswerEvent, { type: "done" }>;
}

/** Reads every choice to its end; they come in the order of their numbers. Throws what a generation throws. */
export async function collectChoices(
  events: AsyncIterable<ChoiceEvent>,
  answersPerPrompt: number,
): Promise<{ choices: WholeChoice[]; usage: Usage | undefined }> {
  const count = new UsageCount(answersPerPrompt);
  const open = new Map<number, Collected>();
  const choices: WholeChoice[] = [];
  for await (const step of events) {
    count.add(step);
    const { index, answer, event } = step;
    const collected = open.get(index) ?? nothingYet();
    open.set(index, collected);
    if (event.type === "tokens") gather(collected, event);
    if (event.type !== "done") continue;
    choices[index] = { ...collected, answer, done: event };
    open.delete(index);
  }
  if (open.size > 0) throw endedEarly();
  return { choices, usage: count.usage };
}
