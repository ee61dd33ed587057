import type { Usage } from "@hearth/wire/openai/sampling";
import type { Answer } from "../services.ts";

/** What every chunk and every whole answer carry. */
export interface AnswerIdentity {
  id: string;
  /** Seconds since the epoch. */
  created: number;
  model: string;
  system_fingerprint: string;
}

/** The trace's id is the answer's id, so that a client's log leads to the lineage. */
export function identityOf(answer: Answer, prefix: "chatcmpl" | "cmpl"): AnswerIdentity {
  return {
    id: `${prefix}-${answer.traceId}`,
    created: Math.floor(Date.now() / 1000),
    model: answer.by.reference,
    system_fingerprint: fingerprintOf(answer),
  };
}

/** What answered, as far as this hub knows: of another server's model its name only. */
function fingerprintOf({ by }: Answer): string {
  return by.sha256 === null ? `fp_${by.reference}` : `fp_${by.sha256.slice(0, 16)}`;
}

/** Undefined when another server answered and did not count: a number of ours would be made up. */
export function usageOf({ promptTokens, cachedTokens }: Answer, completionTokens: number): Usage | undefined {
  if (promptTokens === null) return undefined;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens ?? 0 },
  };
}
