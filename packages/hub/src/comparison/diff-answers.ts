import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { TrainingSample } from "@hearth/wire/hub/training";
import type { AnswersDiff } from "@hearth/wire/hub/version-diff";
import { HearthError } from "../errors.ts";
import { newestAt, placeOf, type Evaluated } from "./diff-figures.ts";

const mostShown = 20;
/** Characters of an expected answer that are shown; answers have a limit of their own. */
const expectedLength = 2_000;

/** One row that a version was asked. */
export interface AskedRow {
  /** Counted from 1. */
  row: number;
  expected: string;
  /** Null: the model could not be asked. */
  answer: string | null;
}

/** Every row of an evaluation, in order from the first; `not_found` where they are not kept. */
export type EvaluatedRows = (evaluation: Evaluation) => AsyncIterable<AskedRow>;

/**
 * What evaluations on the same rows keep of both versions' answers; nothing where their rows are gone.
 *
 * @throws the signal's reason
 */
export async function diffEvaluated(
  from: Evaluated,
  to: Evaluated,
  nameOf: (evaluation: Evaluation) => string,
  rowsOf: EvaluatedRows,
  signal: AbortSignal,
): Promise<AnswersDiff[]> {
  const found: AnswersDiff[] = [];
  for (const place of new Set(from.evaluations.map(placeOf))) {
    const [one, other] = [newestAt(from, place, gaveAnswers), newestAt(to, place, gaveAnswers)];
    if (one === undefined || other === undefined) continue;
    try {
      found.push(await diffPairs("evaluations", nameOf(one), pairsOf(rowsOf(one), rowsOf(other), signal)));
    } catch (error) {
      if (!(error instanceof HearthError && error.code === "not_found")) throw error;
    }
  }
  return found;
}

/** Some only measure how likely the expected answers are. */
function gaveAnswers({ metrics }: Evaluation): boolean {
  return metrics["accuracy"] !== undefined;
}

interface Pair extends AskedRow {
  other: string | null;
}

/** The rows that both have: one may have been asked fewer. */
async function* pairsOf(
  from: AsyncIterable<AskedRow>,
  to: AsyncIterable<AskedRow>,
  signal: AbortSignal,
): AsyncGenerator<Pair> {
  const theirs = to[Symbol.asyncIterator]();
  try {
    for await (const { row, expected, answer } of from) {
      signal.throwIfAborted();
      const next = await theirs.next();
      if (next.done === true) return;
      yield { row, expected, answer, other: next.value.answer };
    }
  } finally {
    await theirs.return?.();
  }
}

/** What both said last in their trainings to the same prompts; empty when they were asked no common one. */
export function diffSamples(from: readonly TrainingSample[], to: readonly TrainingSample[]): AnswersDiff[] {
  const [mine, theirs] = [lastByPrompt(from), lastByPrompt(to)];
  const common = [...mine.values()].flatMap((one) => {
    const other = theirs.get(one.prompt);
    return other === undefined ? [] : [{ one, other }];
  });
  if (common.length === 0) return [];
  const differing = common.filter(({ one, other }) => one.answer !== other.answer);
  return [
    {
      source: "samples",
      of: "prompts asked at the end of both trainings",
      compared: common.length,
      differing: differing.length,
      examples: differing.slice(0, mostShown).map(({ one, other }) => ({
        row: null,
        prompt: one.prompt,
        expected: one.expected,
        from: one.answer,
        to: other.answer,
      })),
    },
  ];
}

function lastByPrompt(samples: readonly TrainingSample[]): Map<string, TrainingSample> {
  // They come by step: the last one of a prompt stays.
  return new Map(samples.map((sample) => [sample.prompt, sample]));
}

/** What both answered now. */
export function diffAsked(
  of: string,
  from: readonly AskedRow[],
  to: readonly AskedRow[],
): Promise<AnswersDiff> {
  const theirs = new Map(to.map((one) => [one.row, one.answer]));
  const pairs = from.map((one) => ({ ...one, other: theirs.get(one.row) ?? null }));
  return diffPairs("asked", of, pairs);
}

async function diffPairs(
  source: AnswersDiff["source"],
  of: string,
  pairs: AsyncIterable<Pair> | Iterable<Pair>,
): Promise<AnswersDiff> {
  const found: AnswersDiff = { source, of, compared: 0, differing: 0, examples: [] };
  for await (const { row, expected, answer: from, other: to } of pairs) {
    found.compared += 1;
    if (from === to) continue;
    found.differing += 1;
    if (found.examples.length === mostShown) continue;
    found.examples.push({ row, prompt: null, expected: expected.slice(0, expectedLength), from, to });
  }
  return found;
}
