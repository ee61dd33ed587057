import type { InferenceResponse } from "@hearth/wire/hub/inference";
import type { Answer, AnswerEvent } from "../../services.ts";

/** The hub's own answer body, from a generation and how it ended. Speed counts the tokens after the first. */
export function inferenceSummary(
  answer: Answer,
  text: string,
  done: Extract<AnswerEvent, { type: "done" }>,
): InferenceResponse {
  const decoding = (done.latencyMs - done.ttftMs) / 1000;
  const perSecond = done.completionTokens > 1 && decoding > 0 ? (done.completionTokens - 1) / decoding : 0;
  return {
    text,
    tokens: done.completionTokens,
    prompt_tokens: answer.promptTokens,
    finish_reason: done.finishReason,
    latency_ms: done.latencyMs,
    ttft_ms: done.ttftMs,
    tokens_per_second: perSecond,
    model_version: answer.by.reference,
    trace_id: answer.traceId,
  };
}
