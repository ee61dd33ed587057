import type { Segment } from "../../model-files/chat-template.ts";
import { harmonyAnswer, harmonySyntax, harmonyThoughts } from "./formats/harmony.ts";

/** How a model sets apart what it thinks before it answers. */
export interface Reasoning {
  opening: string;
  closing: string;
  /** The prompt ends inside of it, so the answer begins with thoughts and only their end will come. */
  begun: boolean;
  /** The answer is a row of messages with headers, as OpenAI's harmony has it. */
  messages: boolean;
  /** Tokens that these marks may be made of. */
  markers: readonly string[];
}

const kinds: readonly Pick<Reasoning, "opening" | "closing" | "markers">[] = [
  pair("<think>", "</think>"),
  pair("[THINK]", "[/THINK]"),
  pair("<seed:think>", "</seed:think>"),
  pair("<|START_THINKING|>", "<|END_THINKING|>"),
  // Gemma 4: a channel of that name.
  { opening: "<|channel>thought", closing: "<channel|>", markers: ["<|channel>", "<channel|>"] },
];

function pair(opening: string, closing: string): Pick<Reasoning, "opening" | "closing" | "markers"> {
  return { opening, closing, markers: [opening, closing] };
}

/**
 * Whether a model thinks before it answers this prompt: its template speaks of the marks, and the prompt's end
 * (the opening of the assistant's turn) does not close the thoughts already. Null: everything is answer.
 */
export function reasoningOf(template: string | null, rendered: readonly Segment[]): Reasoning | null {
  if (template === null) return null;
  if (template.includes(harmonyThoughts.opening) || template.includes(harmonyAnswer))
    return { ...harmonyThoughts, begun: false, messages: true, markers: harmonySyntax.markers };
  const end = endOf(rendered);
  for (const kind of kinds) {
    // The end may be what a user said, where a template has nothing to write behind it.
    if (template.includes(kind.opening) && end.endsWith(kind.opening))
      return { ...kind, begun: true, messages: false };
    if (!template.includes(kind.closing)) continue;
    return end.endsWith(kind.closing) ? null : { ...kind, begun: false, messages: false };
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
