import type { Segment } from "../../model-files/chat-template.ts";
import { harmonyAnswer, harmonyThoughts } from "./formats/harmony.ts";

/** How a model sets apart what it thinks before it answers. */
export interface Reasoning {
  opening: string;
  closing: string;
  /** The prompt ends inside of it, so the answer begins with thoughts and only their end will come. */
  begun: boolean;
  /** The answer is a row of messages with headers, as OpenAI's harmony has it. */
  messages: boolean;
}

const pairs: readonly (readonly [opening: string, closing: string])[] = [
  ["<think>", "</think>"],
  ["[THINK]", "[/THINK]"],
  ["<seed:think>", "</seed:think>"],
  ["<|START_THINKING|>", "<|END_THINKING|>"],
];

/**
 * Whether a model thinks before it answers this prompt: its template speaks of the marks, and the prompt's end
 * (the opening of the assistant's turn) does not close the thoughts already. Null: everything is answer.
 */
export function reasoningOf(template: string | null, rendered: readonly Segment[]): Reasoning | null {
  if (template === null) return null;
  if (template.includes(harmonyThoughts.opening) || template.includes(harmonyAnswer))
    return { ...harmonyThoughts, begun: false, messages: true };
  const end = endOf(rendered);
  for (const [opening, closing] of pairs) {
    if (end.endsWith(opening)) return { opening, closing, begun: true, messages: false };
    if (!template.includes(closing)) continue;
    return end.endsWith(closing) ? null : { opening, closing, begun: false, messages: false };
  }
  return null;
}

/** Longer than any mark with the white space after it. */
const looked = 64;

function endOf(rendered: readonly Segment[]): string {
  let end = "";
  for (const segment of rendered.toReversed()) {
    end = ("text" in segment ? segment.text : segment.special) + end;
    if (end.trimEnd().length > looked) break;
  }
  return end.trimEnd();
}
