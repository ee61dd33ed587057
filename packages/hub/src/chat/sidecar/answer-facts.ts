import type { AnswerMetadata } from "@hearth/wire/chat/message";
import { APICallError, type TextStreamPart, type ToolSet } from "ai";
import { retryAfter } from "../../retry-after.ts";

/** The hub's header that names the trace of an answer. */
const traceHeader = "x-hearth-trace";

/** Gathers, while an answer streams, where it comes from and what it took. */
export class AnswerFacts {
  readonly #place: { provider: string; model: string };
  readonly #begun: number;
  readonly #traces: string[] = [];
  readonly #warnings: string[] = [];
  #first: number | null = null;

  constructor(place: { provider: string; model: string }, begun = performance.now()) {
    this.#place = place;
    this.#begun = begun;
  }

  /** What the message's metadata becomes with this part of the stream; undefined when nothing new is known. */
  read(part: TextStreamPart<ToolSet>): AnswerMetadata | undefined {
    const { type } = part;
    if (type === "start") return { ...this.#place };
    if (type === "finish") return this.#finished(part);
    if (type === "error") return busyFor(part.error);
    if (type === "start-step") {
      for (const warning of part.warnings) this.#warnings.push(wordsOf(warning));
    } else if (type === "finish-step") {
      const trace = part.response.headers?.[traceHeader];
      if (trace !== undefined) this.#traces.push(trace);
    } else if (type === "text-delta" || type === "reasoning-delta" || type === "tool-input-delta") {
      this.#first ??= performance.now();
    }
    return undefined;
  }

  #finished({
    totalUsage,
    finishReason,
  }: Extract<TextStreamPart<ToolSet>, { type: "finish" }>): AnswerMetadata {
    const seconds = this.#first === null ? 0 : (performance.now() - this.#first) / 1000;
    const written = totalUsage.outputTokens ?? null;
    return {
      ...this.#place,
      traces: this.#traces,
      input_tokens: totalUsage.inputTokens ?? null,
      output_tokens: written,
      // The first token is what the rest is counted from.
      tokens_per_second: written === null || written < 2 || seconds <= 0 ? null : (written - 1) / seconds,
      finish_reason: finishReason,
      ...(this.#first === null ? {} : { ttft_ms: this.#first - this.#begun }),
      ...(this.#warnings.length === 0 ? {} : { warnings: this.#warnings }),
    };
  }
}

/** A setting that the provider does not know, or another warning of the AI SDK. */
function wordsOf(warning: { type: string }): string {
  const { type, ...rest } = warning;
  return [type, ...Object.values(rest).map(String)].join(": ");
}

/** When a provider that has too much to do wants to be asked again; a client may wait for that. */
function busyFor(error: unknown): AnswerMetadata | undefined {
  if (!APICallError.isInstance(error) || (error.statusCode !== 429 && error.statusCode !== 503))
    return undefined;
  const seconds = retryAfter(error.responseHeaders?.["retry-after"] ?? null);
  return seconds === null ? undefined : { retry_after_ms: seconds * 1000 };
}
