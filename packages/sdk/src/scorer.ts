import type { DatasetRowContent } from "@hearth/wire/hub/datasets";

/**
 * What a scorer of one's own is given for each answer. A scorer is one TypeScript file that exports its `name` and a
 * function `score`; it may import Node's own modules and types, nothing else:
 *
 *     import type { ScorerInput, ScorerResult } from "@hearth/sdk";
 *     export const name = "brevity";
 *     export function score({ expected, answer }: ScorerInput): ScorerResult {
 *       return Math.min(1, expected.length / Math.max(1, answer.length));
 *     }
 */
export interface ScorerInput {
  /** The last thing that was said before the answer: of a chat the last message, else the whole prompt. */
  prompt: string;
  /** Calls of tools stand in it as JSON between `<tool_call>` and `</tool_call>`, the names of arguments in order; in `answer`, too. */
  expected: string;
  answer: string;
  /** The row as the dataset has it, the expected answer included. */
  row: DatasetRowContent;
}

/** A finite number, or `value` with further figures, which become the metrics `name/figure`. */
export type ScorerResult = number | { value: number; [figure: string]: number };

/** The `score` that a scorer exports. One that throws leaves its row without a value, and is told with the row. */
export type Score = (input: ScorerInput) => ScorerResult | Promise<ScorerResult>;
