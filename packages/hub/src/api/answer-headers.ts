import type { Answer } from "./services.ts";

/** Headers that tie an answer to what made it. */
export function answerHeaders(answer: Pick<Answer, "version" | "traceId">): Record<string, string> {
  return {
    "x-hearth-version": `${answer.version.model}:${answer.version.version}`,
    "x-hearth-trace": answer.traceId,
  };
}
