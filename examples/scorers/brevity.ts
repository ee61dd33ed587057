import type { ScorerInput, ScorerResult } from "@hearth/sdk";

/** 1: no longer than the expected answer; an answer of twice its length has 0.5. */
export const name = "brevity";

export function score({ expected, answer }: ScorerInput): ScorerResult {
  return { value: Math.min(1, expected.length / Math.max(1, answer.length)), characters: answer.length };
}
