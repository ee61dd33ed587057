import { randomUUID } from "node:crypto";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Evaluation, EvaluationRequest, UsedScorer } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { EvaluationDependencies } from "./evaluations.ts";
import type { Measurement } from "./measure.ts";

export interface FinishedEvaluation {
  version: ModelVersion;
  runId: string;
  dataset: Dataset;
  split: EvaluationRequest["split"];
  rows: number;
  seconds: number;
  measured: Measurement;
  scorers: UsedScorer[];
  absent: Evaluation["absent"];
}

/** The version's metrics that an evaluation sets; those of the test split have the plain names. */
const versionMetrics = [
  "accuracy",
  "exact_match",
  "invalid_rate",
  "macro_f1",
  "token_f1",
  "json_valid",
  "json_schema_valid",
];
/** Of the test split alone: `validation_loss` and `train_loss` are what the trainer has measured. */
const testMetrics = ["loss", "perplexity"];
/** Labels whose figures become metrics of the run; the evaluation has those of all. */
const mostLabels = 50;
/** What MLflow takes as a metric's name. */
const metricKey = /^[\w./ -]{1,250}$/;

/** Keeps a finished evaluation, its run's metrics, the version's, and a line in the model's history: all or nothing. */
export async function keepEvaluation(
  { database, registry, runs }: EvaluationDependencies,
  { version, runId, dataset, split, rows, seconds, measured, scorers, absent }: FinishedEvaluation,
): Promise<Evaluation> {
  const id = randomUUID();
  const now = Date.now();
  const { metrics, intervals, bootstrap, confusion, labels, examples } = measured;
  await database.transaction(async (db) => {
    await db
      .insertInto("evaluations")
      .values({
        id,
        run_id: runId,
        version_id: version.id,
        dataset_id: dataset.id,
        split,
        rows,
        metrics: JSON.stringify(metrics),
        confusion: JSON.stringify(confusion),
        examples: JSON.stringify(examples),
        details: JSON.stringify({ intervals, bootstrap, labels, scorers, absent }),
        seconds,
        created_at: now,
      })
      .execute();
    await runs.logMetrics(
      runId,
      [...runMetrics(measured)].map(([key, value]) => ({ key, value, step: 0, timestamp: now })),
    );
    await runs.finishRun(runId, "FINISHED");
    const prefix = split === "test" ? "" : `${split}_`;
    const names = split === "test" ? [...versionMetrics, ...testMetrics] : versionMetrics;
    const figures = Object.entries(metrics).filter(([name]) => names.includes(name));
    await registry.recordMetrics(
      version.id,
      Object.fromEntries(figures.map(([name, value]) => [prefix + name, value])),
    );
    await registry.recordEvent(version.model_id, {
      kind: "evaluated",
      version: version.version,
      details: {
        evaluation_id: id,
        dataset: dataset.name,
        split,
        rows,
        accuracy: metrics["accuracy"],
        loss: metrics["loss"],
      },
    });
  });
  return {
    id,
    run_id: runId,
    model: version.model,
    version_id: version.id,
    version: version.version,
    dataset_id: dataset.id,
    split,
    rows,
    metrics,
    intervals,
    bootstrap,
    confusion,
    labels,
    scorers,
    absent,
    examples,
    seconds,
    created_at: new Date(now).toISOString(),
  };
}

/** Every metric with the ends of its interval, and the figures of each label: `f1/spam`. */
function runMetrics({ metrics, intervals, labels }: Measurement): Map<string, number> {
  const found = new Map(Object.entries(metrics));
  for (const [name, { low, high }] of Object.entries(intervals)) {
    found.set(`${name}_ci_low`, low);
    found.set(`${name}_ci_high`, high);
  }
  for (const { label, precision, recall, f1 } of labels.slice(0, mostLabels)) {
    for (const [name, value] of Object.entries({ precision, recall, f1 })) {
      const key = `${name}/${label}`;
      if (value !== null && metricKey.test(key)) found.set(key, value);
    }
  }
  return found;
}
