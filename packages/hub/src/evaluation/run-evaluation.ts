import { Readable } from "node:stream";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Evaluation, EvaluationRequest, EvaluationRow, UsedScorer } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { inTree } from "../artifacts/location.ts";
import { HearthError } from "../errors.ts";
import { askRows } from "./ask-rows.ts";
import type { CustomScorer } from "./custom-scorers/custom-scorer.ts";
import { openScorer } from "./custom-scorers/open-scorer.ts";
import type { EvaluationDependencies } from "./evaluations.ts";
import { keepEvaluation } from "./keep-evaluation.ts";
import { measureRows } from "./measure.ts";
import { chooseMeasures } from "./measures/choose.ts";
import { writeRows } from "./rows/evaluation-rows.ts";
import { defaultSeed } from "./statistics/bootstrap.ts";

export type Progress = (progress: { done: number; total: number }) => void;

/** Evaluates as `Evaluations.run` says. */
export async function runEvaluation(
  dependencies: EvaluationDependencies,
  request: EvaluationRequest,
  signal: AbortSignal,
  onProgress: Progress,
): Promise<Evaluation> {
  const { registry, datasets, runs } = dependencies;
  const [version, dataset] = await Promise.all([
    registry.resolve(request.model),
    datasets.get(request.dataset),
  ]);
  const total = rowsOf(dataset, request);
  const measures = chooseMeasures(request, dataset);
  await using scorers = await openScorers(request.scorer_files ?? [], dependencies);
  const model = await registry.getModel(version.model_id);
  const run = await runs.createRun({
    experimentId: await registry.experimentOf(model.id),
    kind: "evaluation",
    name: `evaluate-${version.model}-${version.version}`,
    params: paramsOf(request, { version, dataset, total, scorers: scorers.opened }),
    tags: { "hearth.model": `${version.model}:${version.version}`, "hearth.dataset": dataset.name },
  });
  try {
    const began = performance.now();
    const { artifactUri } = await runs.readRun(run.id);
    await noteInputs(dependencies, run.id, { dataset, split: request.split });
    onProgress({ done: 0, total });
    const { rows, noLoss } = await askRows(
      datasets.readRows(dataset, request.split, request.limit === undefined ? {} : { limit: total }, signal),
      {
        version,
        labels: dataset.labels,
        measures,
        scorers: scorers.opened,
        concurrency: Math.min(request.concurrency, total),
        ask: dependencies.ask,
        score: dependencies.score,
        onRow: (done) => onProgress({ done, total }),
      },
      signal,
    );
    // Where only some of the expected answers are JSON, nobody asked for JSON.
    if (measures.json === "if_expected" && rows.some(({ scores }) => scores["json_valid"] === undefined))
      for (const row of rows) delete row.scores["json_valid"];
    const labels = measures.labels && measures.answers ? dataset.labels : [];
    const measured = await measureRows(rows, { labels, seed: request.seed ?? defaultSeed }, signal);
    const seconds = (performance.now() - began) / 1000;
    await keepArtifacts(dependencies, artifactUri, { rows, scorers: scorers.opened }, signal);
    signal.throwIfAborted();
    return await keepEvaluation(dependencies, {
      version,
      runId: run.id,
      dataset,
      split: request.split,
      rows: rows.length,
      seconds,
      measured,
      scorers: scorers.opened.map((scorer) => usedScorer(scorer, rows)),
      absent: measures.loss ? absentLoss(rows, noLoss) : [],
    });
  } catch (error) {
    await runs.finishRun(run.id, signal.aborted ? "KILLED" : "FAILED");
    throw error;
  }
}

function rowsOf(dataset: Dataset, { split, limit }: EvaluationRequest): number {
  const available = dataset.splits[split]?.rows ?? 0;
  if (available > 0) return Math.min(available, limit ?? available);
  const splits = Object.keys(dataset.splits).join(", ");
  throw new HearthError(
    "invalid_request",
    `split: dataset '${dataset.name}' has no rows in '${split}'; allowed: ${splits}`,
    { details: { field: "split", value: split, allowed: splits } },
  );
}

/** All or none: those that are open already are closed when one cannot be. */
async function openScorers(
  paths: readonly string[],
  { scorerSurroundings }: EvaluationDependencies,
): Promise<AsyncDisposable & { opened: CustomScorer[] }> {
  await using stack = new AsyncDisposableStack();
  const opened: CustomScorer[] = [];
  for (const path of paths) {
    const scorer = stack.use(await openScorer(path, scorerSurroundings));
    if (opened.some(({ name }) => name === scorer.name))
      throw new HearthError("invalid_request", `scorer_files: two scorers are named "${scorer.name}"`, {
        details: { field: "scorer_files", value: path },
      });
    opened.push(scorer);
  }
  const owned = stack.move();
  return { opened, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function paramsOf(
  request: EvaluationRequest,
  {
    version,
    dataset,
    total,
    scorers,
  }: { version: ModelVersion; dataset: Dataset; total: number; scorers: readonly CustomScorer[] },
): Record<string, string> {
  return {
    model: `${version.model}:${version.version}`,
    version_sha256: version.sha256 ?? "",
    dataset: `${dataset.name}@${dataset.checksum}`,
    split: request.split,
    rows: String(total),
    scorers: request.scorers?.join(",") ?? "all that fit",
    bootstrap_seed: String(request.seed ?? defaultSeed),
    ...(request.json_schema === undefined
      ? {}
      : { json_schema: JSON.stringify(request.json_schema).slice(0, 5_000) }),
    ...Object.fromEntries(scorers.map(({ name, sha256 }) => [`scorer.${name}`, sha256])),
  };
}

/** What the run has read, so that its lineage leads to the dataset. */
async function noteInputs(
  { runs }: EvaluationDependencies,
  runId: string,
  { dataset, split }: { dataset: Dataset; split: string },
): Promise<void> {
  const input = {
    name: dataset.name,
    // MLflow's digests have 36 characters at most.
    digest: dataset.checksum.slice(0, 32),
    sourceType: "hearth",
    source: JSON.stringify({ dataset: `${dataset.name}:${dataset.version}`, split }),
    schema: null,
    profile: null,
    tags: [{ key: "mlflow.data.context", value: "evaluation" }],
  };
  await runs.logInputs(runId, { datasets: [input], models: [] });
}

async function keepArtifacts(
  { artifacts }: EvaluationDependencies,
  artifactUri: string,
  { rows, scorers }: { rows: readonly EvaluationRow[]; scorers: readonly CustomScorer[] },
  signal: AbortSignal,
): Promise<void> {
  for (const { name, source } of scorers) {
    const file = inTree(artifactUri, `evaluation/scorers/${name}.ts`);
    await artifacts.write(file, Readable.from([Buffer.from(source)], { objectMode: false }), signal);
  }
  await writeRows(artifacts, artifactUri, rows, signal);
}

function usedScorer({ name, path, sha256 }: CustomScorer, rows: readonly EvaluationRow[]): UsedScorer {
  const failures = rows.flatMap((row) => row.failures[name] ?? []);
  return {
    name,
    path,
    sha256,
    rows: rows.length - failures.length,
    failures: failures.length,
    first_failure: failures[0] ?? null,
  };
}

/** Why there is no loss at all; rows that have none by themselves say so. */
function absentLoss(rows: readonly EvaluationRow[], noLoss: string | null): Evaluation["absent"] {
  const reason = rows.some(({ scores }) => scores["loss"] !== undefined)
    ? null
    : (noLoss ?? rows.find(({ failures }) => failures["loss"] !== undefined)?.failures["loss"] ?? null);
  return reason === null ? [] : ["loss", "perplexity"].map((metric) => ({ metric, reason }));
}
