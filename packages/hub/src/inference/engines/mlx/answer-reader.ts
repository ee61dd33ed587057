import type { FinishReason, GenerateEvent, ToolCallDelta } from "../../engine.ts";
import { GenerationFailed } from "../../errors.ts";
import { TextStream } from "../../text-stream.ts";
import { chunk, type Chunk } from "./chunk.ts";

/** More is no answer of any model that fits into a machine. */
const mostCharacters = 64 * 2 ** 20;

/**
 * Turns the events of one answer's stream into ours, and ends it at a stop string. Errors: GenerationFailed
 * when the stream is not what mlx_lm.server sends.
 */
export class AnswerReader {
  readonly #text: TextStream;
  readonly #encoder = new TextEncoder();
  #started = false;
  #finish: FinishReason | null = null;
  #usage: Chunk["usage"] = null;
  #tokens = 0;
  #toldIds = false;
  #calls = 0;
  #characters = 0;
  #ended = false;

  constructor(stops: readonly string[]) {
    this.#text = new TextStream(stops);
  }

  /** The last event was given; the rest of the stream is of no interest. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The data of one event. */
  push(data: string): GenerateEvent[] {
    if (this.#ended) return [];
    if (data === "[DONE]") return this.#end(null, this.#text.end().text);
    const parsed = chunk.safeParse(parse(data));
    if (!parsed.success) throw broken(`it sent ${JSON.stringify(data.slice(0, 200))}`);
    return this.#read(parsed.data);
  }

  /** The stream is over. Errors: GenerationFailed unless it had its proper end. */
  close(): void {
    if (!this.#ended) throw broken("it ended the connection in the middle of its answer");
  }

  #read({ choices: [choice], usage, hearth }: Chunk): GenerateEvent[] {
    this.#usage = usage ?? this.#usage;
    if (choice === undefined) return [];
    const events: GenerateEvent[] = [];
    if (!this.#started) {
      this.#started = true;
      events.push({
        type: "started",
        promptTokens: hearth?.prompt_tokens ?? null,
        cachedTokens: hearth?.cached_tokens ?? null,
      });
    }
    this.#finish = choice.finish_reason ?? this.#finish;
    const raw = choice.delta?.content ?? choice.text ?? "";
    const reasoning = choice.delta?.reasoning ?? "";
    const toolCalls = (choice.delta?.tool_calls ?? []).map((call): ToolCallDelta => {
      const { name, arguments: text } = call.function;
      return { index: this.#calls++, id: call.id, name, arguments: text };
    });
    this.#count(raw.length + reasoning.length);
    const { text, stopped } = this.#text.push(this.#encoder.encode(raw));
    const ids = hearth?.ids ?? [];
    if (hearth !== undefined && hearth !== null) this.#toldIds = true;
    this.#tokens += this.#toldIds ? ids.length : 1;
    const logprobs = hearth?.logprobs ?? [];
    if (text !== "" || ids.length > 0 || reasoning !== "" || toolCalls.length > 0) {
      events.push({
        type: "tokens",
        text,
        ids,
        ...(reasoning === "" ? {} : { reasoning }),
        ...(toolCalls.length === 0 ? {} : { toolCalls }),
        ...(logprobs.length === 0 ? {} : { logprobs }),
      });
    }
    return stopped === null ? events : [...events, ...this.#end(stopped, "")];
  }

  #end(stopSequence: string | null, rest: string): GenerateEvent[] {
    if (this.#finish === null && stopSequence === null) throw broken("it gave no reason for the end");
    this.#ended = true;
    const events: GenerateEvent[] = rest === "" ? [] : [{ type: "tokens", text: rest, ids: [] }];
    events.push({
      type: "done",
      finishReason: stopSequence !== null ? "stop" : (this.#finish ?? "stop"),
      completionTokens: this.#toldIds ? this.#tokens : (this.#usage?.completion_tokens ?? this.#tokens),
      stopSequence,
      ...(this.#toldIds
        ? {}
        : {
            promptTokens: this.#usage?.prompt_tokens ?? null,
            cachedTokens: this.#usage?.prompt_tokens_details?.cached_tokens ?? null,
          }),
    });
    return events;
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (this.#characters > mostCharacters)
      throw broken(`its answer is longer than ${mostCharacters} characters`);
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return null;
  }
}

function broken(what: string): GenerationFailed {
  return new GenerationFailed(`mlx_lm.server broke its stream: ${what}. Ask again.`, {
    details: { engine: "mlx" },
  });
}
