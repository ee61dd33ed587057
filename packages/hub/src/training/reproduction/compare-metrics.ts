import type { ComparedMetric } from "@hearth/wire/hub/reproduction";
import type { TrainingRuns } from "../dependencies.ts";

/** What a trainer records at each step; what comes earlier in a step stands first. */
const compared = ["learning_rate", "loss", "gradient_norm", "validation_loss"];
const pagePoints = 4_000;

/** Two runs beside each other, metric by metric: the first step at which they recorded different values. */
export async function compareMetrics(
  runs: Pick<TrainingRuns, "historyPage">,
  expectedRun: string,
  actualRun: string,
): Promise<ComparedMetric[]> {
  const all: ComparedMetric[] = [];
  for (const metric of compared) {
    const one = compareMetric(
      await valuesOf(runs, expectedRun, metric),
      await valuesOf(runs, actualRun, metric),
    );
    if (one.steps > 0 || one.first !== null) all.push({ metric, ...one });
  }
  return all;
}

function compareMetric(
  expected: ReadonlyMap<number, number>,
  actual: ReadonlyMap<number, number>,
): Omit<ComparedMetric, "metric"> {
  const all = [...new Set([...expected.keys(), ...actual.keys()])].toSorted((a, b) => a - b);
  const at = all.findIndex((step) => !Object.is(expected.get(step), actual.get(step)));
  if (at === -1) return { steps: all.length, first: null };
  const step = all[at] ?? 0;
  return { steps: at, first: { step, expected: shown(expected.get(step)), actual: shown(actual.get(step)) } };
}

/** Value by step; of a step that was recorded twice the last. */
async function valuesOf(
  runs: Pick<TrainingRuns, "historyPage">,
  run: string,
  metric: string,
): Promise<Map<number, number>> {
  const values = new Map<number, number>();
  for (let offset = 0; ; offset += pagePoints) {
    const page = await runs.historyPage(run, metric, { limit: pagePoints, offset });
    for (const { step, value, is_nan } of page.points) values.set(Number(step), is_nan === 1 ? NaN : value);
    if (!page.more) return values;
  }
}

function shown(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
