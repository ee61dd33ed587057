import { readServerSentEvents } from "@hearth/sdk";
import { answerMetadata, type AnswerMetadata } from "@hearth/wire/chat/message";
import { turnHeaders } from "@hearth/wire/chat/turn";
import { z } from "zod";

/** What a terminal shows of an answer while it comes; everything else of the stream is passed over. */
const shown = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text-delta"), delta: z.string() }),
  z.object({ type: z.literal("reasoning-delta"), delta: z.string() }),
  z.object({ type: z.enum(["text-end", "reasoning-end"]) }),
  z.object({ type: z.literal("tool-input-available"), toolName: z.string(), input: z.unknown() }),
  z.object({ type: z.literal("tool-output-available"), output: z.unknown() }),
  z.object({ type: z.literal("tool-output-error"), errorText: z.string() }),
  z.object({ type: z.literal("error"), errorText: z.string() }),
  z.object({ type: z.literal("abort") }),
  z.object({ type: z.enum(["finish", "message-metadata"]), messageMetadata: answerMetadata.optional() }),
]);
export type ShownChunk = z.infer<typeof shown>;

/** The UI message stream of a turn, as far as it is shown. */
export async function* readAnswer(response: Response): AsyncGenerator<ShownChunk> {
  if (response.body === null) return;
  for await (const { data } of readServerSentEvents(response.body)) {
    if (data === "[DONE]") return;
    const chunk = shown.safeParse(parseJson(data));
    if (chunk.success) yield chunk.data;
  }
}

/** The id under which the hub keeps the answer. */
export function answerIdOf(response: Response): string {
  return response.headers.get(turnHeaders.answer) ?? "";
}

/** `24 tokens, first after 18 ms, 310 tokens/s, by triage:2` */
export function describeMetadata(metadata: AnswerMetadata): string {
  const { output_tokens: tokens, ttft_ms: first, tokens_per_second: speed, provider, model } = metadata;
  return [
    ...(typeof tokens === "number" ? [`${tokens} tokens`] : []),
    ...(first === undefined ? [] : [`first after ${first.toFixed(0)} ms`]),
    ...(typeof speed === "number" && speed > 0 ? [`${speed.toFixed(0)} tokens/s`] : []),
    ...(model === undefined ? [] : [`by ${provider === "hearth" ? "" : `${provider}/`}${model}`]),
  ].join(", ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A line that is no JSON says nothing.
    return null;
  }
}
