import { randomBytes } from "node:crypto";
import type { Tool, ToolCallDelta } from "../engine.ts";
import type { AnswerSink, CallSyntax } from "./call-syntax.ts";
import { CharacterSource } from "./character-source.ts";
import type { Reading } from "./character-source.ts";
import { readMessages } from "./formats/harmony.ts";
import { isSpace, nextVisible, takes, until } from "./lexing.ts";
import type { Reasoning } from "./reasoning.ts";

/** What more of the generated text means. Parts of one answer, joined, are the whole. */
export interface ChatPart {
  text: string;
  reasoning: string;
  toolCalls: ToolCallDelta[];
}

export interface ChatReaderOptions {
  /** From `reasoningOf`; null: the model does not think. */
  reasoning: Reasoning | null;
  /** From `toolFormatOf`; null: no tools were offered, so nothing is a call. */
  syntax: CallSyntax | null;
  tools: readonly Tool[];
  newCallId?: () => string;
}

/**
 * Takes generated text apart, as it comes: thoughts, answer, calls of tools. Only what may still become a mark
 * is held back; the arguments of a call come out as they are written. What looks like a call and is none
 * stays text. How the text was cut into pieces makes no difference to what comes out in all.
 *
 * The text must hold the {@link ChatReader.markers}: where one of them is a control token of the model, which
 * adds nothing to the text otherwise, the engine pushes the token's own text. Every other control token adds
 * nothing. Stop strings are the engine's matter: it cuts before it pushes.
 */
export class ChatReader {
  /** Marks that this reader has to see as text, also where they are control tokens. */
  readonly markers: readonly string[];
  readonly #source = new CharacterSource();
  readonly #syntax: CallSyntax | null;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #newCallId: () => string;
  readonly #reading: Reading<void>;
  #part: ChatPart = emptyPart();
  /** Half of a surrogate pair that ended what was pushed. */
  #half = "";
  #calls = 0;
  #thinking: boolean;
  /** Stretches of thoughts that said something. */
  #thoughts = 0;
  /** Did the present one say something yet? */
  #thought = false;
  /** White space that waits for more thoughts behind it. */
  #space = "";
  /** Thoughts were read and nothing of the answer: white space is no part of it yet. */
  #afterThoughts = false;

  constructor({ reasoning, syntax, tools, newCallId = randomCallId }: ChatReaderOptions) {
    this.markers = [...(reasoning?.markers ?? []), ...(syntax?.markers ?? [])];
    this.#syntax = syntax;
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#newCallId = newCallId;
    this.#thinking = reasoning?.begun ?? false;
    this.#reading = this.#read(reasoning);
  }

  /** How many calls have begun. An answer with one ends with the finish reason `tool_calls`. */
  get calls(): number {
    return this.#calls;
  }

  /** Is what comes next part of the thoughts? What has not come out yet may decide otherwise. */
  get thinking(): boolean {
    return this.#thinking;
  }

  push(text: string): ChatPart {
    const all = this.#half + text;
    this.#half = /[\ud800-\udbff]$/.exec(all)?.[0] ?? "";
    this.#source.feed(all.slice(0, all.length - this.#half.length));
    return this.#go();
  }

  /** No more text comes: gives what was held back. */
  end(): ChatPart {
    this.#source.feed(this.#half);
    this.#half = "";
    this.#source.end();
    return this.#go();
  }

  #go(): ChatPart {
    this.#reading.next();
    const part = this.#part;
    this.#part = emptyPart();
    return part;
  }

  *#read(reasoning: Reasoning | null): Reading<void> {
    if (reasoning?.messages === true) return yield* readMessages(this.#source, this.#sink());
    if (reasoning !== null && (reasoning.begun || (yield* this.#startsWith(reasoning.opening))))
      yield* this.#readThoughts(reasoning.closing);
    yield* this.#readAnswer();
  }

  #sink(): AnswerSink {
    return {
      tools: this.#tools,
      start: (name) => this.#startCall(name),
      arguments: (text) => this.#giveArguments(text),
      text: (text) => this.#giveText(text),
      thoughts: (text) => this.#giveThoughts(text),
      beginThoughts: () => this.#beginThoughts(),
      endThoughts: () => this.#endThoughts(),
    };
  }

  /** Takes a mark that begins the answer, with white space around it. */
  *#startsWith(mark: string): Reading<boolean> {
    if ((yield* nextVisible(this.#source)) !== "") this.#source.back(1);
    const begins = (yield* takes(this.#source, mark)) && this.#source.held.endsWith(mark);
    if (begins) this.#source.commit();
    else this.#source.back(this.#source.held.length);
    return begins;
  }

  *#readThoughts(closing: string): Reading<void> {
    this.#beginThoughts();
    yield* until(this.#source, [closing], (text) => this.#giveThoughts(text));
    this.#endThoughts();
  }

  *#readAnswer(): Reading<void> {
    const openings = this.#syntax?.openings ?? [];
    /** How much of what is held is white space; behind it stands what may become a mark. */
    let space = 0;
    for (let beginning = true; ;) {
      const character = yield* this.#source.next();
      if (character === "") return this.#giveLast(space);
      const { held } = this.#source;
      if (held.length === space + 1 && isSpace(character)) {
        space++;
        continue;
      }
      const mark = held.slice(space);
      if (openings.some((opening) => opening.startsWith(mark) && opening !== mark)) continue;
      const opens = openings.includes(mark);
      if (!opens && !(beginning && mark === "{" && this.#syntax?.bare === true)) {
        this.#source.back(mark.length - 1);
        this.#giveText(this.#source.held);
        beginning = false;
      } else {
        if (!opens) this.#source.back(1);
        beginning = yield* this.#readCalls();
      }
      space = 0;
      if (openings.length === 0) return yield* this.#readRest();
    }
  }

  /** Nothing but text can come. */
  *#readRest(): Reading<void> {
    for (;;) {
      const character = yield* this.#source.next();
      if (character === "") return;
      this.#giveText(this.#source.takeAll());
    }
  }

  /** False when there was no call; then it was text. */
  *#readCalls(): Reading<boolean> {
    const read = this.#syntax?.read ?? null;
    if (read === null) return false;
    const found = yield* read(this.#source, this.#sink());
    if (found) this.#source.commit();
    else this.#giveText(this.#source.held);
    return found;
  }

  /** At the end: white space behind a call is no part of an answer. */
  #giveLast(space: number): void {
    const { held } = this.#source;
    const onlySpace = held.length === space;
    if (held === "" || (onlySpace && this.#calls > 0)) this.#source.commit();
    else this.#giveText(held);
  }

  #giveText(text: string): void {
    this.#source.commit();
    const shown = this.#afterThoughts ? text.replace(/^[ \t\r\n]+/, "") : text;
    if (shown !== "") this.#afterThoughts = false;
    this.#part.text += shown;
  }

  #beginThoughts(): void {
    this.#thinking = true;
    // Further thoughts are a paragraph of their own.
    this.#space = this.#thoughts > 0 ? "\n\n" : "";
    this.#thought = false;
  }

  /** Gives thoughts without the white space around them. */
  #giveThoughts(text: string): void {
    this.#source.commit();
    for (const character of text) {
      if (isSpace(character)) {
        if (this.#thought) this.#space += character;
        continue;
      }
      this.#part.reasoning += this.#space + character;
      this.#space = "";
      if (!this.#thought) this.#thoughts++;
      this.#thought = true;
    }
  }

  #endThoughts(): void {
    this.#source.commit();
    this.#thinking = false;
    this.#afterThoughts = true;
  }

  #startCall(name: string): void {
    this.#source.commit();
    this.#part.toolCalls.push({ index: this.#calls++, id: this.#newCallId(), name, arguments: "" });
  }

  #giveArguments(text: string): void {
    this.#source.commit();
    const last = this.#part.toolCalls.at(-1);
    if (last === undefined) this.#part.toolCalls.push({ index: this.#calls - 1, arguments: text });
    else last.arguments += text;
  }
}

function emptyPart(): ChatPart {
  return { text: "", reasoning: "", toolCalls: [] };
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `call_` and 24 letters and digits, as OpenAI's look. */
function randomCallId(): string {
  // 256 is no multiple of 62; an id needs to be new, not evenly drawn.
  return `call_${Array.from(randomBytes(24), (byte) => letters.charAt(byte % letters.length)).join("")}`;
}
