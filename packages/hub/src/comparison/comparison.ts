import { splitName, type Dataset, type SplitName } from "@hearth/wire/hub/datasets";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { TrainingSample } from "@hearth/wire/hub/training";
import type { VersionDiff, versionDiffRequest } from "@hearth/wire/hub/version-diff";
import type { z } from "zod";
import type { Datasets, DatasetRow } from "../datasets/datasets.ts";
import { HearthError } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import { diffAsked, diffEvaluated, diffSamples, type AskedRow, type EvaluatedRows } from "./diff-answers.ts";
import { diffEnvironments, diffRecipes } from "./diff-facts.ts";
import { diffFigures, type Evaluated } from "./diff-figures.ts";
import { diffSplit } from "./diff-rows.ts";

export interface ComparisonDependencies {
  registry: Pick<Registry, "getVersion" | "resolve">;
  datasets: Pick<Datasets, "get" | "readRows" | "rows">;
  /** The newest evaluations of a version, the newest first. */
  evaluationsOf: (versionId: string) => Promise<readonly Evaluation[]>;
  /** Every row of an evaluation, in order; `not_found` where they are not kept. */
  evaluatedRows: EvaluatedRows;
  /** What a job's model said in its training, by step. */
  samplesOf: (jobId: string) => Promise<readonly TrainingSample[]>;
  /** Asks a version rows, greedily. */
  askRows: (
    rows: AsyncIterable<DatasetRow>,
    asked: { version: ModelVersion; labels: readonly string[] },
    signal: AbortSignal,
  ) => Promise<readonly AskedRow[]>;
}

/** Versions beside each other. */
export interface Comparison {
  /**
   * What changed from one version to another: data, recipe, code and programs, figures, answers.
   * Either may be in any state; only to be asked both must be ready.
   * @throws HearthError `not_found`, `conflict`, `invalid_request`; the signal's reason
   */
  diff(from: string, request: z.output<typeof versionDiffRequest>, signal: AbortSignal): Promise<VersionDiff>;
}

type Request = z.output<typeof versionDiffRequest>;

export function createComparison(dependencies: ComparisonDependencies): Comparison {
  return { diff: (from, request, signal) => diffVersions(dependencies, from, request, signal) };
}

async function diffVersions(
  dependencies: ComparisonDependencies,
  fromReference: string,
  request: Request,
  signal: AbortSignal,
): Promise<VersionDiff> {
  const { registry, evaluationsOf } = dependencies;
  const [one, other] = await Promise.all([
    registry.getVersion(fromReference),
    registry.getVersion(request.to),
  ]);
  const from: Evaluated = { version: one, evaluations: await evaluationsOf(one.id) };
  const to: Evaluated = { version: other, evaluations: await evaluationsOf(other.id) };
  const nameOf = await evaluationNames(dependencies, [...from.evaluations, ...to.evaluations]);
  const data = await diffData(dependencies, one, other, signal);
  const recipe = diffRecipes(one, other);
  const environment = diffEnvironments(one, other);
  const answers = [
    ...(request.ask === 0 ? [] : [await diffLive(dependencies, one, other, request, signal)]),
    ...(await diffEvaluated(from, to, nameOf, dependencies.evaluatedRows, signal)),
    ...(await diffTrainings(dependencies, one, other)),
  ];
  const alike = data.changed ? 1 : recipe.length + environment.length;
  return {
    from: shownVersion(one),
    to: shownVersion(other),
    same: alike === 0 && one.sha256 === other.sha256 && answers.every(({ differing }) => differing === 0),
    data,
    recipe,
    environment,
    figures: diffFigures(from, to, nameOf),
    answers,
  };
}

function shownVersion({ id, model, version, status, sha256 }: ModelVersion): VersionDiff["from"] {
  return { version_id: id, reference: `${model}:${version}`, status, sha256 };
}

async function diffData(
  { datasets }: ComparisonDependencies,
  from: ModelVersion,
  to: ModelVersion,
  signal: AbortSignal,
): Promise<VersionDiff["data"]> {
  const [one, other] = await Promise.all([datasetOf(datasets, from), datasetOf(datasets, to)]);
  const splits = splitName.options.filter((split) => one?.splits[split] ?? other?.splits[split]);
  return {
    changed: from.lineage.dataset?.sha256 !== to.lineage.dataset?.sha256,
    from: usedDataset(from),
    to: usedDataset(to),
    splits: await Promise.all(splits.map((split) => diffSplit(datasets, split, one, other, signal))),
  };
}

/** A dataset that a version was made from cannot be deleted while the version is there. */
async function datasetOf(
  datasets: Pick<Datasets, "get">,
  { lineage: { dataset } }: ModelVersion,
): Promise<Dataset | null> {
  return dataset === null ? null : await datasets.get(dataset.id);
}

function usedDataset({ lineage: { dataset } }: ModelVersion): VersionDiff["data"]["from"] {
  return dataset === null ? null : { name: dataset.name, version: dataset.version, sha256: dataset.sha256 };
}

async function evaluationNames(
  { datasets }: ComparisonDependencies,
  evaluations: readonly Evaluation[],
): Promise<(evaluation: Evaluation) => string> {
  const ids = [...new Set(evaluations.map(({ dataset_id }) => dataset_id))];
  const found = await Promise.all(ids.map((id) => datasets.get(id)));
  const names = new Map(found.map(({ id, name, version }) => [id, `${name}:${version}`]));
  return ({ dataset_id, split }) => `${names.get(dataset_id) ?? dataset_id}, ${split}`;
}

async function diffTrainings(
  { samplesOf }: ComparisonDependencies,
  from: ModelVersion,
  to: ModelVersion,
): Promise<VersionDiff["answers"]> {
  const [one, other] = [from.lineage.job_id, to.lineage.job_id];
  return one === null || other === null ? [] : diffSamples(await samplesOf(one), await samplesOf(other));
}

async function diffLive(
  { registry, datasets, askRows }: ComparisonDependencies,
  from: ModelVersion,
  to: ModelVersion,
  request: Request,
  signal: AbortSignal,
): Promise<VersionDiff["answers"][number]> {
  const own = to.lineage.dataset ?? from.lineage.dataset;
  const reference = request.dataset ?? own?.id;
  if (reference === undefined) {
    throw new HearthError(
      "invalid_request",
      "dataset: neither version was trained here on a dataset; name one whose rows are asked",
      { details: { field: "dataset", value: null, allowed: "a registered dataset" } },
    );
  }
  const dataset = await datasets.get(reference);
  const split = request.split ?? firstSplit(dataset);
  const [one, other] = await Promise.all([registry.resolve(from.id), registry.resolve(to.id)]);
  const ask = (version: ModelVersion) =>
    askRows(
      datasets.readRows(dataset, split, { limit: request.ask }, signal),
      { version, labels: dataset.labels },
      signal,
    );
  // One after the other: two bases need not fit at once.
  const answers = await ask(one);
  return await diffAsked(`${dataset.name}:${dataset.version}, ${split}`, answers, await ask(other));
}

function firstSplit({ splits }: Dataset): SplitName {
  const wanted: readonly SplitName[] = ["test", "validation", "train"];
  return wanted.find((split) => (splits[split]?.rows ?? 0) > 0) ?? "train";
}
