import type { Usage } from "@hearth/wire/openai/sampling";
import type { FinishReason } from "../../inference/engine.ts";
import type { Answer } from "../services.ts";
import type { ServerSentEvent } from "../sse.ts";
import { usageOf } from "./answer.ts";
import { openaiErrorBody } from "./error.ts";

export interface ChunkWriter {
  /** Sent before the first text. */
  first(): object | null;
  text(text: string): object;
  last(finishReason: FinishReason): object;
  /** A chunk without choices. */
  usage(usage: Usage): object;
}

/**
 * An answer as OpenAI's stream: chunks, on request one with the usage, `[DONE]`. What fails
 * on the way comes as an error object, which OpenAI's clients raise, and no `[DONE]` follows.
 */
export async function* openaiEvents(
  answer: Answer,
  writer: ChunkWriter,
  options: { includeUsage: boolean; requestId: string },
): AsyncGenerator<ServerSentEvent> {
  // With include_usage every other chunk carries `usage: null`.
  const chunk = (body: object): ServerSentEvent => ({
    data: options.includeUsage ? { ...body, usage: null } : body,
  });
  try {
    const first = writer.first();
    if (first !== null) yield chunk(first);
    for await (const event of answer.events) {
      if (event.type === "tokens") {
        if (event.text !== "") yield chunk(writer.text(event.text));
        continue;
      }
      yield chunk(writer.last(event.finishReason));
      const usage = usageOf(answer, event.completionTokens);
      if (options.includeUsage && usage !== undefined) yield { data: writer.usage(usage) };
      yield { data: "[DONE]" };
      return;
    }
  } catch (error) {
    yield { data: openaiErrorBody(error, options.requestId) };
  }
}
