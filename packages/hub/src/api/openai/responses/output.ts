import type { ChatLogprobs } from "@hearth/wire/openai/chat-logprobs";
import type { ResponseEvent } from "@hearth/wire/openai/responses/events";
import type {
  OutputCall,
  OutputItem,
  OutputMessage,
  OutputReasoning,
} from "@hearth/wire/openai/responses/response";
import type { ToolCallDelta } from "../../../inference/engine.ts";
import type { AnswerEvent } from "../../services.ts";
import { logprobContent } from "../chat-logprobs.ts";
import { itemId } from "./ids.ts";

type Unnumbered<E> = E extends unknown ? Omit<E, "sequence_number"> : never;
/** An event before it has its place in the stream. */
export type OutputEvent = Unnumbered<ResponseEvent>;

type Open = OutputMessage | OutputReasoning | (OutputCall & { callIndex: number });

/**
 * Sorts what an answer says into the items of a response, and tells of each step in the order of
 * OpenAI's events. One item is open at a time; the next closes it.
 */
export class ResponseOutput {
  readonly items: OutputItem[] = [];
  readonly #response: string;
  readonly #logprobs: boolean;
  #open: Open | null = null;
  /** Of tokens whose text is still held back. */
  #early: ChatLogprobs["content"] = [];

  constructor(response: string, logprobs: boolean) {
    this.#response = response;
    this.#logprobs = logprobs;
  }

  /** More of the answer. */
  *add(event: Extract<AnswerEvent, { type: "tokens" }>): Generator<OutputEvent> {
    const { text, reasoning = "", toolCalls = [], logprobs = [] } = event;
    if (this.#logprobs) this.#early.push(...logprobContent(logprobs));
    if (reasoning !== "") yield* this.#think(reasoning);
    if (text !== "" || (this.#open?.type === "message" && this.#early.length > 0)) yield* this.#say(text);
    for (const delta of toolCalls) yield* this.#call(delta);
  }

  /** The answer has ended, or was cut off. An answer of nothing is an empty message. */
  *end(status: "completed" | "incomplete"): Generator<OutputEvent> {
    if (this.#open === null && this.items.length === 0) yield* this.#openMessage();
    yield* this.#close(status);
  }

  /** Where the open item stands. */
  get #place() {
    return { item_id: this.#open?.id ?? "", output_index: this.items.length };
  }

  *#begin(item: Open): Generator<OutputEvent> {
    yield* this.#close("completed");
    this.#open = item;
    yield { type: "response.output_item.added", output_index: this.items.length, item: shown(item) };
  }

  #newId(type: Open["type"]): string {
    return itemId(type, this.#response, this.items.length + (this.#open === null ? 0 : 1));
  }

  *#think(delta: string): Generator<OutputEvent> {
    if (this.#open?.type !== "reasoning") {
      const id = this.#newId("reasoning");
      yield* this.#begin({ id, type: "reasoning", status: "in_progress", summary: [], content: [] });
      yield {
        type: "response.content_part.added",
        ...this.#place,
        content_index: 0,
        part: { type: "reasoning_text", text: "" },
      };
    }
    if (this.#open?.type !== "reasoning") return;
    this.#early = [];
    const text = (this.#open.content[0]?.text ?? "") + delta;
    this.#open.content = [{ type: "reasoning_text", text }];
    yield { type: "response.reasoning_text.delta", ...this.#place, content_index: 0, delta };
  }

  *#openMessage(): Generator<OutputEvent> {
    const id = this.#newId("message");
    yield* this.#begin({ id, type: "message", status: "in_progress", role: "assistant", content: [] });
    yield {
      type: "response.content_part.added",
      ...this.#place,
      content_index: 0,
      part: { type: "output_text", text: "", annotations: [], logprobs: [] },
    };
  }

  *#say(delta: string): Generator<OutputEvent> {
    if (this.#open?.type !== "message") yield* this.#openMessage();
    if (this.#open?.type !== "message") return;
    const logprobs = this.#early;
    this.#early = [];
    const before = this.#open.content[0];
    this.#open.content = [
      {
        type: "output_text",
        text: (before?.text ?? "") + delta,
        annotations: [],
        logprobs: [...(before?.logprobs ?? []), ...logprobs],
      },
    ];
    yield { type: "response.output_text.delta", ...this.#place, content_index: 0, delta, logprobs };
  }

  *#call({ index, id, name, arguments: delta }: ToolCallDelta): Generator<OutputEvent> {
    if (this.#open?.type !== "function_call" || this.#open.callIndex !== index)
      yield* this.#begin({
        id: this.#newId("function_call"),
        type: "function_call",
        status: "in_progress",
        call_id: id ?? "",
        name: name ?? "",
        arguments: "",
        callIndex: index,
      });
    if (this.#open?.type !== "function_call") return;
    this.#early = [];
    this.#open.arguments += delta;
    if (delta !== "") yield { type: "response.function_call_arguments.delta", ...this.#place, delta };
  }

  *#close(status: "completed" | "incomplete"): Generator<OutputEvent> {
    const open = this.#open;
    if (open === null) return;
    open.status = status;
    const place = this.#place;
    switch (open.type) {
      case "message": {
        const part = open.content[0] ?? { type: "output_text", text: "", annotations: [], logprobs: [] };
        open.content = [part];
        const { text, logprobs } = part;
        yield { type: "response.output_text.done", ...place, content_index: 0, text, logprobs };
        yield { type: "response.content_part.done", ...place, content_index: 0, part };
        break;
      }
      case "reasoning": {
        const part = open.content[0] ?? { type: "reasoning_text", text: "" };
        yield { type: "response.reasoning_text.done", ...place, content_index: 0, text: part.text };
        yield { type: "response.content_part.done", ...place, content_index: 0, part };
        break;
      }
      case "function_call": {
        const { name, arguments: written } = open;
        yield { type: "response.function_call_arguments.done", ...place, name, arguments: written };
        break;
      }
    }
    const item = shown(open);
    yield { type: "response.output_item.done", output_index: this.items.length, item };
    this.items.push(item);
    this.#open = null;
  }
}

/** An item as it is now, without what only this file needs. */
function shown(item: Open): OutputItem {
  if (item.type !== "function_call") return { ...item };
  const { callIndex: _, ...call } = item;
  return call;
}
