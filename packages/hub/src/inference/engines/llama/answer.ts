import type { FinishReason, GenerateEvent, TokenLogprobs } from "../../engine.ts";
import { TextStream } from "../../text-stream.ts";

/** A generated token. */
export interface GeneratedToken {
  id: number;
  /** What it adds to the text. */
  bytes: Uint8Array;
  endsTurn: boolean;
  logprobs: TokenLogprobs | null;
}

const nothing = new Uint8Array(0);

/** What the generated tokens mean for the one who asked. */
export class Answer {
  /** Most tokens. */
  readonly limit: number;
  readonly #text: TextStream;
  #count = 0;

  constructor(limit: number, stop: readonly string[]) {
    this.limit = limit;
    this.#text = new TextStream(stop);
  }

  take(token: GeneratedToken): { tokens: GenerateEvent; done: GenerateEvent | null } {
    this.#count += 1;
    const pushed = this.#text.push(token.endsTurn ? nothing : token.bytes);
    const over = token.endsTurn || this.#count >= this.limit || pushed.stopped !== null;
    const last = over && pushed.stopped === null ? this.#text.end() : null;
    const stopped = pushed.stopped ?? last?.stopped ?? null;
    const tokens: GenerateEvent = {
      type: "tokens",
      text: pushed.text + (last?.text ?? ""),
      ids: [token.id],
      ...(token.logprobs === null ? {} : { logprobs: [token.logprobs] }),
    };
    if (!over) return { tokens, done: null };
    return { tokens, done: this.end(token.endsTurn || stopped !== null ? "stop" : "length", stopped) };
  }

  end(finishReason: FinishReason, stopSequence: string | null): GenerateEvent {
    return { type: "done", finishReason, completionTokens: this.#count, stopSequence };
  }
}
