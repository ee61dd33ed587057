import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { GateCheck, Model, ModelVersion, NeededEvaluation } from "@hearth/wire/hub/models";
import { HearthError } from "../errors.ts";
import type { EvaluationDependencies, Evaluations } from "./evaluations.ts";
import type { GateSubject, Measured } from "./gates.ts";
import { presentEvaluation } from "./present.ts";

/** Gates judge by what no training has seen. */
const gateSplit = "test";

/** What gates ask of the versions of one model; what is compared once is not compared again. */
export function figuresOfVersions(
  dependencies: EvaluationDependencies,
  model: Model,
  compare: Evaluations["compare"],
  signal: AbortSignal,
): Pick<GateSubject, "measure" | "needed" | "difference"> {
  const { registry, datasets } = dependencies;
  const version = (number: number) => registry.getVersion(`${model.name}:${number}`);
  const compared = new Map<string, ReturnType<typeof compare>>();

  const onData = async (on: Measured["on"], found: Evaluation | undefined) => {
    const id = on?.datasetId ?? found?.dataset_id;
    if (id === undefined) return null;
    return { dataset: await datasets.get(id), rows: on?.rows ?? found?.rows ?? 0 };
  };

  return {
    async measure(number, metric, on) {
      const one = await version(number);
      for (const found of await evaluationsOf(dependencies, { versionId: one.id }, on)) {
        const figure = figureOf(found, metric);
        if (figure === null) continue;
        const { name, version: dataVersion } = await datasets.get(found.dataset_id);
        const dataset = dataVersion === 1 ? name : `${name}:${dataVersion}`;
        const { id: evaluationId, dataset_id: datasetId, split, rows } = found;
        return { ...figure, on: { evaluationId, datasetId, dataset, split, rows } };
      }
      if (on !== null) return null;
      // From its training.
      const value = Object.hasOwn(one.metrics, metric) ? one.metrics[metric] : undefined;
      return value === undefined ? null : { value, interval: null, on: null };
    },

    async needed(number, metric, { on, other }) {
      const candidate = await version(number);
      const like = await newestWith(
        dependencies,
        model,
        metric,
        other === null ? null : await version(other),
      );
      const place = (await onData(on, like)) ?? (await trainingData(dependencies, candidate));
      if (place === null) return null;
      const available = place.dataset.splits[gateSplit]?.rows ?? 0;
      if (available === 0) return null;
      const scorers = like?.scorers.filter(({ name }) => metric === name || metric.startsWith(`${name}/`));
      return {
        model: `${model.name}:${number}`,
        dataset: `${place.dataset.name}:${place.dataset.version}`,
        split: gateSplit,
        limit: place.rows > 0 && place.rows < available ? place.rows : null,
        scorer_files: (scorers ?? []).map(({ path }) => path),
      } satisfies NeededEvaluation;
    },

    async difference(metric, candidate, reference): Promise<GateCheck["difference"]> {
      const key = `${reference.evaluationId} ${candidate.evaluationId}`;
      const comparison = compared.get(key) ?? compare(reference.evaluationId, candidate.evaluationId, signal);
      compared.set(key, comparison);
      try {
        const found = (await comparison).metrics[metric];
        return found === undefined ? null : { value: found.difference, low: found.low, high: found.high };
      } catch (error) {
        // From before rows were kept, or they were removed: the gate does without.
        if (error instanceof HearthError && error.code === "not_found") return null;
        throw error;
      }
    },
  };
}

/** The newest evaluation of the version, else of any version of the model, that has the metric. */
async function newestWith(
  dependencies: EvaluationDependencies,
  model: Model,
  metric: string,
  version: ModelVersion | null,
): Promise<Evaluation | undefined> {
  const has = (found: Evaluation): boolean => figureOf(found, metric) !== null;
  const own = version === null ? [] : await evaluationsOf(dependencies, { versionId: version.id }, null);
  return own.find(has) ?? (await evaluationsOf(dependencies, { modelId: model.id }, null)).find(has);
}

/** What the version was trained on, if it has rows that it was not. */
async function trainingData({ datasets }: EvaluationDependencies, { lineage }: ModelVersion) {
  if (lineage.dataset === null) return null;
  try {
    return { dataset: await datasets.get(lineage.dataset.id), rows: 0 };
  } catch (error) {
    if (error instanceof HearthError && error.code === "not_found") return null;
    throw error;
  }
}

/** Of the gates' split, on the same rows as `on` when it is given; the newest first. */
async function evaluationsOf(
  { database }: EvaluationDependencies,
  of: { versionId: string } | { modelId: string },
  on: Measured["on"],
): Promise<Evaluation[]> {
  let query = database.db
    .selectFrom("evaluations")
    .innerJoin("model_versions", "model_versions.id", "evaluations.version_id")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .where("evaluations.split", "=", on?.split ?? gateSplit)
    .orderBy("evaluations.created_at", "desc")
    .orderBy("evaluations.id");
  query =
    "versionId" in of
      ? query.where("evaluations.version_id", "=", of.versionId)
      : query.where("model_versions.model_id", "=", of.modelId);
  if (on !== null)
    query = query.where("evaluations.dataset_id", "=", on.datasetId).where("evaluations.rows", "=", on.rows);
  const rows = await query
    .selectAll("evaluations")
    .select(["models.name as model", "model_versions.version as version"])
    .execute();
  return rows.map(presentEvaluation);
}

/** A metric of an evaluation, or a label's: `f1/spam`, `precision/spam`, `recall/spam`. */
function figureOf(
  { metrics, intervals, labels }: Evaluation,
  metric: string,
): Pick<Measured, "value" | "interval"> | null {
  if (Object.hasOwn(metrics, metric)) {
    const value = metrics[metric];
    const interval = Object.hasOwn(intervals, metric) ? (intervals[metric] ?? null) : null;
    return value === undefined ? null : { value, interval };
  }
  const [, figure, name] = /^(precision|recall|f1)\/(.+)$/s.exec(metric) ?? [];
  const label = labels.find((one) => one.label === name);
  const value =
    figure === "precision" || figure === "recall" || figure === "f1" ? label?.[figure] : undefined;
  return value === undefined || value === null ? null : { value, interval: null };
}
