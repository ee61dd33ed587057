import type { ReasoningEffort } from "@hearth/wire/openai/chat-request";
import { chatCompletionChunk } from "@hearth/wire/openai/chat-response";
import { openaiError } from "@hearth/wire/openai/error";
import { z } from "zod";
import { HearthApiError, UnexpectedAnswer } from "./errors.ts";
import { parseEvent } from "./parse-event.ts";
import type { Transport } from "./transport.ts";

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

export interface ChatOptions {
  /** `name`, `name:3` or `name@alias` */
  model: string;
  messages: readonly ChatMessage[];
  /** Default: as many as the context holds. */
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  seed?: number;
  stop?: string | readonly string[];
  /** For models whose template takes it; others refuse it. */
  reasoningEffort?: ReasoningEffort;
  /** Gets what a thinking model thinks before its answer, as it comes. */
  onReasoning?: (text: string) => void;
  /** Called when the answer begins: what is stopped or fails later has a trace, too. */
  onStart?: (begun: { model: string; traceId: string }) => void;
  signal?: AbortSignal;
}

export interface ChatAnswer {
  text: string;
  /** What was thought before it; empty where the model does not think. */
  reasoning: string;
  finishReason: "stop" | "length" | "tool_calls";
  /** The version that answered: `name:3`. */
  model: string;
  /** Leads to the answer's lineage: `client.traces.get(id)`. */
  traceId: string | null;
  promptTokens: number;
  completionTokens: number;
  /** As seen from here: until the first text (of the reasoning, too), until the end, and tokens a second after the first. */
  ttftMs: number;
  latencyMs: number;
  tokensPerSecond: number;
}

const path = "/v1/chat/completions";
const streamed = z.union([chatCompletionChunk, openaiError]);

/** Asks a model over the OpenAI route; yields text as it comes and returns the answer with its figures. */
export async function* streamChat(
  transport: Transport,
  options: ChatOptions,
): AsyncGenerator<string, ChatAnswer> {
  const started = performance.now();
  let firstAt: number | null = null;
  const answer: ChatAnswer = {
    text: "",
    reasoning: "",
    finishReason: "stop",
    model: options.model,
    traceId: null,
    promptTokens: 0,
    completionTokens: 0,
    ttftMs: 0,
    latencyMs: 0,
    tokensPerSecond: 0,
  };
  const request = {
    body: requestBody(options),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  for await (const event of transport.events("POST", path, request)) {
    if (event.data === "[DONE]") return finish(answer, started, firstAt);
    const chunk = parseEvent(streamed, event, path);
    if ("error" in chunk) {
      const { code, type, message } = chunk.error;
      throw new HearthApiError(200, code ?? type, message);
    }
    answer.model = chunk.model;
    const traceId = chunk.id.replace(/^chatcmpl-/, "");
    if (answer.traceId === null) options.onStart?.({ model: chunk.model, traceId });
    answer.traceId = traceId;
    answer.promptTokens = chunk.usage?.prompt_tokens ?? answer.promptTokens;
    answer.completionTokens = chunk.usage?.completion_tokens ?? answer.completionTokens;
    const choice = chunk.choices[0];
    answer.finishReason = choice?.finish_reason ?? answer.finishReason;
    const reasoning = choice?.delta.reasoning_content ?? "";
    if (reasoning !== "") {
      firstAt ??= performance.now();
      answer.reasoning += reasoning;
      options.onReasoning?.(reasoning);
    }
    const text = choice?.delta.content ?? "";
    if (text === "") continue;
    firstAt ??= performance.now();
    answer.text += text;
    yield text;
  }
  throw new UnexpectedAnswer(path, 200, "a stream that ended early; the hub may have stopped");
}

function requestBody(options: ChatOptions): Record<string, unknown> {
  return {
    model: options.model,
    messages: options.messages,
    stream: true,
    stream_options: { include_usage: true },
    max_completion_tokens: options.maxTokens,
    temperature: options.temperature,
    top_p: options.topP,
    seed: options.seed,
    stop: options.stop,
    reasoning_effort: options.reasoningEffort,
  };
}

function finish(answer: ChatAnswer, started: number, firstAt: number | null): ChatAnswer {
  const now = performance.now();
  const first = firstAt ?? now;
  const seconds = (now - first) / 1000;
  return {
    ...answer,
    ttftMs: first - started,
    latencyMs: now - started,
    tokensPerSecond: answer.completionTokens > 1 && seconds > 0 ? (answer.completionTokens - 1) / seconds : 0,
  };
}
