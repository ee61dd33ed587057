import { mostExamples, type Evaluation } from "@hearth/wire/hub/evaluation";
import type { TrainingSample } from "@hearth/wire/hub/training";
import type { AnswersDiff } from "@hearth/wire/hub/version-diff";
import { newestAt, placeOf, type Evaluated } from "./diff-figures.ts";

const mostShown = 20;

/** One row that a version was asked. */
export interface AskedRow {
  /** Counted from 1. */
  row: number;
  expected: string;
  /** Null: the row is too long for the model. */
  answer: string | null;
}

/** What evaluations on the same rows keep of both versions' answers. */
export function diffEvaluated(
  from: Evaluated,
  to: Evaluated,
  nameOf: (evaluation: Evaluation) => string,
): AnswersDiff[] {
  return [...new Set(from.evaluations.map(placeOf))].flatMap((place) => {
    const [one, other] = [newestAt(from, place), newestAt(to, place)];
    if (one === undefined || other === undefined) return [];
    const rows = Array.from({ length: Math.min(one.rows, other.rows) }, (_, index) => index + 1);
    const known = rows.flatMap((row) => {
      const [mine, theirs] = [storedAnswer(one, row), storedAnswer(other, row)];
      return mine === null || theirs === null ? [] : [{ row, mine, theirs }];
    });
    const differing = known.filter(({ mine, theirs }) => mine.wrong !== theirs.wrong);
    return [
      {
        source: "evaluations" as const,
        of: nameOf(one),
        compared: known.length,
        differing: differing.length,
        examples: differing.slice(0, mostShown).map(({ row, mine, theirs }) => ({
          row,
          prompt: null,
          expected: mine.expected ?? theirs.expected,
          from: mine.wrong,
          to: theirs.wrong,
        })),
      },
    ];
  });
}

/** Of the wrong answers the first are kept: a row between those that is not among them was answered as expected. */
function storedAnswer(
  { examples, rows }: Evaluation,
  row: number,
): { wrong: string | null; expected: string | null } | null {
  const kept = examples.find((example) => example.row === row);
  if (kept !== undefined) return { wrong: kept.answer, expected: kept.expected };
  const told = examples.length < mostExamples ? rows : (examples.at(-1)?.row ?? 0);
  return row <= told ? { wrong: null, expected: null } : null;
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
export function diffAsked(of: string, from: readonly AskedRow[], to: readonly AskedRow[]): AnswersDiff {
  const theirs = new Map(to.map((one) => [one.row, one.answer]));
  const pairs = from.map((one) => ({ ...one, other: theirs.get(one.row) ?? null }));
  const differing = pairs.filter(({ answer, other }) => answer !== other);
  return {
    source: "asked",
    of,
    compared: pairs.length,
    differing: differing.length,
    examples: differing.slice(0, mostShown).map(({ row, expected, answer, other }) => ({
      row,
      prompt: null,
      expected,
      from: answer,
      to: other,
    })),
  };
}
