import type { EvaluationRow } from "@hearth/wire/hub/evaluation";
import { instanceProblem } from "../../inference/grammar/validate.ts";
import type { Measures } from "./choose.ts";
import { normalise, sameText } from "./compared-text.ts";
import { tokenF1 } from "./token-f1.ts";

/** What was answered to a row; null: the model could not be asked, or nobody asked it. */
export interface Answered {
  expected: string;
  answer: string | null;
}

/** The built-in scores of an answer. A row that could not be asked scores 0 in each: it is as useless as a wrong one. */
export function scoreAnswer({ expected, answer }: Answered, measures: Measures): Record<string, number> {
  const scores: Record<string, number> = {
    exact_match: Number(answer !== null && sameText(answer, expected)),
    accuracy: Number(answer !== null && isRight(answer, expected)),
  };
  if (measures.tokenF1) scores["token_f1"] = answer === null ? 0 : tokenF1(expected, answer);
  if (measures.json === "yes" || (measures.json === "if_expected" && isJsonText(expected)))
    scores["json_valid"] = Number(answer !== null && parses(answer));
  if (measures.schema !== null)
    scores["json_schema_valid"] = Number(
      answer !== null && instanceProblem(measures.schema, answer.trim()) === null,
    );
  return scores;
}

/** Is the answer the expected one, but for case and blanks around it? */
export function isRight(answer: string, expected: string): boolean {
  return normalise(answer) === normalise(expected);
}

/** The mean loss of the expected answer's tokens in nats, with their number; or why there is none. */
export function lossOf(logprobs: readonly number[]): Pick<EvaluationRow, "tokens"> & { loss: number | null } {
  const loss = -logprobs.reduce((sum, logprob) => sum + logprob, 0) / logprobs.length;
  // A token that the model holds for impossible makes the loss infinite, which no mean survives.
  return Number.isFinite(loss)
    ? { loss: loss === 0 ? 0 : loss, tokens: logprobs.length }
    : { loss: null, tokens: null };
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That it does not parse is the finding.
    return false;
  }
}

/** Numbers and words such as `true` are labels more often than they are JSON. */
function isJsonText(text: string): boolean {
  return /^\s*[[{]/.test(text) && parses(text);
}
