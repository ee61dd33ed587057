import type { ChatPart, ChatReader } from "../../chat/chat-reader.ts";
import type { FinishReason, GenerateEvent, TokenLogprobs } from "../../engine.ts";
import { TextStream } from "../../text-stream.ts";

/** A generated token. */
export interface GeneratedToken {
  id: number;
  /** What it adds to the text. */
  bytes: Uint8Array;
  /** Its text where it is a control token; else null. */
  control: string | null;
  endsTurn: boolean;
  logprobs: TokenLogprobs | null;
}

type TokensEvent = Extract<GenerateEvent, { type: "tokens" }>;

const nothing = new Uint8Array(0);
const encoder = new TextEncoder();

/** What the generated tokens mean for the one who asked. */
export class Answer {
  /** Most tokens. */
  readonly limit: number;
  readonly #text: TextStream;
  /** Takes thoughts and calls of tools out of the text; null where there can be none. */
  readonly #reader: ChatReader | null;
  #count = 0;
  #thoughts = 0;

  constructor(limit: number, stop: readonly string[], reader: ChatReader | null) {
    this.limit = limit;
    this.#text = new TextStream(stop);
    this.#reader = reader;
  }

  take(token: GeneratedToken): { tokens: GenerateEvent; done: GenerateEvent | null } {
    this.#count += 1;
    const thought = this.#thinks();
    const pushed = this.#text.push(this.#bytesOf(token));
    const over = token.endsTurn || this.#count >= this.limit || pushed.stopped !== null;
    const last = over && pushed.stopped === null ? this.#text.end() : null;
    const stopped = pushed.stopped ?? last?.stopped ?? null;
    const parts = this.#read(pushed.text + (last?.text ?? ""), over);
    if (thought || this.#thinks()) this.#thoughts += 1;
    const tokens: TokensEvent = { type: "tokens", ...joined(parts), ids: [token.id] };
    if (token.logprobs !== null) tokens.logprobs = [token.logprobs];
    if (!over) return { tokens, done: null };
    return { tokens, done: this.end(token.endsTurn || stopped !== null ? "stop" : "length", stopped) };
  }

  end(reason: FinishReason, stopSequence: string | null): GenerateEvent {
    const calls = this.#reader?.calls ?? 0;
    return {
      type: "done",
      finishReason: reason === "stop" && calls > 0 ? "tool_calls" : reason,
      completionTokens: this.#count,
      ...(this.#thoughts === 0 ? {} : { reasoningTokens: this.#thoughts }),
      stopSequence,
    };
  }

  #thinks(): boolean {
    return this.#reader?.thinking === true;
  }

  /** A mark that the reader looks for may be a control token, which adds nothing to the text otherwise. */
  #bytesOf({ bytes, control, endsTurn }: GeneratedToken): Uint8Array {
    if (control !== null && this.#reader?.markers.includes(control) === true) return encoder.encode(control);
    return endsTurn ? nothing : bytes;
  }

  #read(text: string, over: boolean): ChatPart[] {
    if (this.#reader === null) return [{ text, reasoning: "", toolCalls: [] }];
    const part = this.#reader.push(text);
    return over ? [part, this.#reader.end()] : [part];
  }
}

function joined(parts: readonly ChatPart[]): Pick<TokensEvent, "text" | "reasoning" | "toolCalls"> {
  const reasoning = parts.map((part) => part.reasoning).join("");
  const toolCalls = parts.flatMap((part) => part.toolCalls);
  return {
    text: parts.map((part) => part.text).join(""),
    ...(reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
}
