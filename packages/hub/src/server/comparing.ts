import { createComparison, type Comparison } from "../comparison/comparison.ts";
import type { ComparisonDependencies } from "../comparison/comparison.ts";
import { askRows, type Ask, type ScoreAnswer } from "../evaluation/ask-rows.ts";
import type { Evaluations } from "../evaluation/evaluations.ts";
import type { Jobs } from "../training/training.ts";

/** Of each version that is compared, the newest. */
const comparedEvaluations = 200;
/** Only answers: what they are worth, evaluations tell. */
const asking = {
  measures: { answers: true, labels: false, loss: false, tokenF1: false, json: "no", schema: null },
  scorers: [],
  concurrency: 4,
  onRow: () => undefined,
} as const;

/** Versions beside each other, by what evaluations and jobs keep of them and what they answer now. */
export function comparing(
  rooms: Pick<ComparisonDependencies, "registry" | "datasets"> & {
    evaluations: Pick<Evaluations, "list" | "readRows">;
    jobs: Pick<Jobs, "samples">;
    ask: Ask;
    score: ScoreAnswer;
  },
): Comparison {
  const { registry, datasets, evaluations, jobs, ask, score } = rooms;
  return createComparison({
    registry,
    datasets,
    evaluationsOf: async (id) =>
      (await evaluations.list({ page: 1, page_size: comparedEvaluations, version_id: id })).items,
    evaluatedRows: (evaluation) => evaluations.readRows(evaluation),
    samplesOf: (id) => jobs.samples(id),
    askRows: async (rows, asked, signal) =>
      (await askRows(rows, { ...asked, ...asking, ask, score }, signal)).rows,
  });
}
