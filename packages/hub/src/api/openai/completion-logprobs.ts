import type { CompletionLogprobs } from "@hearth/wire/openai/completion";
import type { TokenLogprob } from "../../inference/engine.ts";
import { finiteLogprob, shownText } from "./token-text.ts";

/** A token as the engine tells of it; the first of a prompt has no probability. */
interface ScoredToken {
  bytes: readonly number[];
  logprob: number | null;
  top: readonly TokenLogprob[];
}

/** Writes tokens in the lists of OpenAI's older endpoint; keeps count of the characters before them. */
export class CompletionLogprobWriter {
  #characters = 0;

  write(tokens: readonly ScoredToken[]): CompletionLogprobs {
    const lists: CompletionLogprobs = { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] };
    for (const token of tokens) {
      lists.tokens.push(shownText(token.bytes));
      lists.token_logprobs.push(token.logprob === null ? null : finiteLogprob(token.logprob));
      lists.top_logprobs.push(alternatives(token));
      lists.text_offset.push(this.#offset(token.bytes));
    }
    return lists;
  }

  /** A token that goes on with a character begins where the character does. */
  #offset(bytes: readonly number[]): number {
    const before = this.#characters;
    this.#characters += bytes.filter((byte) => !isContinuation(byte)).length;
    const [first] = bytes;
    return first !== undefined && isContinuation(first) ? Math.max(0, before - 1) : before;
  }
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Of tokens with one text the likelier one is shown, as there is one place for it. */
function alternatives({ bytes, logprob, top }: ScoredToken): Record<string, number> | null {
  if (logprob === null) return null;
  const shown = new Map<string, number>();
  for (const token of [{ bytes, logprob }, ...top]) {
    const text = shownText(token.bytes);
    shown.set(text, Math.max(finiteLogprob(token.logprob), shown.get(text) ?? -Infinity));
  }
  return Object.fromEntries(shown);
}
