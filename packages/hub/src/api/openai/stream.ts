import type { Usage } from "@hearth/wire/openai/sampling";
import type { Answer, AnswerEvent } from "../services.ts";
import type { ServerSentEvent } from "../sse.ts";
import type { ChoiceEvent } from "./choices.ts";
import { openaiErrorBody } from "./error.ts";
import { UsageCount } from "./usage.ts";

/** What a dialect makes of the steps of its choices; null: nothing to show of this one. */
export interface ChunkWriter {
  started(index: number, answer: Answer): object | null;
  tokens(index: number, event: Extract<AnswerEvent, { type: "tokens" }>): object | null;
  done(index: number, event: Extract<AnswerEvent, { type: "done" }>): object;
  /** A chunk without choices. */
  usage(usage: Usage): object;
}

export interface StreamOptions {
  includeUsage: boolean;
  answersPerPrompt: number;
  requestId: string;
}

/**
 * Answers as OpenAI's stream: chunks of all choices as they come, on request one with the usage,
 * `[DONE]`. What fails on the way comes as an error object, which OpenAI's clients raise, and no
 * `[DONE]` follows.
 */
export async function* openaiEvents(
  events: AsyncIterable<ChoiceEvent>,
  writer: ChunkWriter,
  { includeUsage, answersPerPrompt, requestId }: StreamOptions,
): AsyncGenerator<ServerSentEvent> {
  const count = new UsageCount(answersPerPrompt);
  try {
    for await (const step of events) {
      count.add(step);
      const chunk = chunkOf(step, writer);
      // With include_usage every other chunk carries `usage: null`.
      if (chunk !== null) yield { data: includeUsage ? { ...chunk, usage: null } : chunk };
    }
    const { usage } = count;
    if (includeUsage && usage !== undefined) yield { data: writer.usage(usage) };
    yield { data: "[DONE]" };
  } catch (error) {
    yield { data: openaiErrorBody(error, requestId) };
  }
}

function chunkOf({ index, answer, event }: ChoiceEvent, writer: ChunkWriter): object | null {
  switch (event.type) {
    case "started":
      return writer.started(index, answer);
    case "tokens":
      return writer.tokens(index, event);
    case "done":
      return writer.done(index, event);
  }
}
