import { chatCompletionChunk } from "@hearth/wire/openai/chat-response";
import { HearthApiError } from "./errors.ts";
import { send, type Connection } from "./http.ts";
import { readEvents } from "./sse.ts";
import { z } from "zod";

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

export interface ChatOptions {
  /** `name`, `name:3`, `name@alias` */
  model: string;
  messages: readonly ChatMessage[];
  maxTokens?: number;
  temperature?: number;
  seed?: number;
  signal?: AbortSignal;
}

export interface ChatAnswer {
  text: string;
  /** The version that answered, `name:3`. */
  model: string;
  finishReason: string | null;
  promptTokens: number;
  completionTokens: number;
  /** From the request to the first text, in ms. */
  ttftMs: number;
  tokensPerSecond: number;
}

const streamedError = z.object({ error: z.object({ message: z.string(), code: z.string().nullable() }) });

/** Streams an answer over `/v1/chat/completions`: yields text, returns the whole with its figures. */
export async function* streamChat(
  connection: Connection,
  options: ChatOptions,
): AsyncGenerator<string, ChatAnswer> {
  const started = performance.now();
  const response = await send(connection, "/v1/chat/completions", {
    method: "POST",
    accept: "text/event-stream",
    signal: options.signal,
    body: {
      model: options.model,
      messages: options.messages,
      stream: true,
      stream_options: { include_usage: true },
      ...(options.maxTokens === undefined ? {} : { max_tokens: options.maxTokens }),
      ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    },
  });
  if (!response.body)
    throw new HearthApiError(response.status, "unexpected_answer", "the hub answered without a body");
  const answer: ChatAnswer = {
    text: "",
    model: options.model,
    finishReason: null,
    promptTokens: 0,
    completionTokens: 0,
    ttftMs: 0,
    tokensPerSecond: 0,
  };
  let first = 0;
  for await (const { data } of readEvents(response.body)) {
    if (data === "[DONE]") break;
    const value: unknown = JSON.parse(data);
    const failed = streamedError.safeParse(value);
    if (failed.success) {
      const { code, message } = failed.data.error;
      throw new HearthApiError(response.status, code ?? "generation_failed", message);
    }
    const chunk = chatCompletionChunk.parse(value);
    answer.model = chunk.model;
    if (chunk.usage) {
      answer.promptTokens = chunk.usage.prompt_tokens;
      answer.completionTokens = chunk.usage.completion_tokens;
    }
    const choice = chunk.choices[0];
    if (choice?.finish_reason) answer.finishReason = choice.finish_reason;
    const text = choice?.delta.content ?? "";
    if (text === "") continue;
    first ||= performance.now();
    answer.text += text;
    yield text;
  }
  const end = performance.now();
  answer.ttftMs = (first || end) - started;
  // The first token came with the prompt's evaluation: speed counts the tokens after it.
  const decoding = end - (first || end);
  answer.tokensPerSecond = decoding > 0 ? (1000 * Math.max(0, answer.completionTokens - 1)) / decoding : 0;
  return answer;
}
