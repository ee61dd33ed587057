import type { Answer } from "./services.ts";

/** Headers that tie an answer to what made it. */
export function answerHeaders(answer: Answer): Record<string, string> {
  return {
    "x-hearth-version": answer.by.reference,
    "x-hearth-trace": answer.traceId,
  };
}
