import { randomUUID } from "node:crypto";
import type { Page } from "@hearth/wire/hub/common";
import type { Evaluation, EvaluationRequest } from "@hearth/wire/hub/evaluation";
import type { GateResult, ModelVersion, promoteRequest } from "@hearth/wire/hub/models";
import type { z } from "zod";
import type { Datasets } from "../datasets/datasets.ts";
import { HearthError } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../storage/database.ts";
import type { Runs } from "../tracking/runs.ts";
import { askRows } from "./ask-rows.ts";
import type { Ask } from "./ask-rows.ts";
import { measureAnswers } from "./measure.ts";
import type { Measurement } from "./measure.ts";
import { presentEvaluation } from "./present.ts";
import { promoteVersion } from "./promote.ts";

export type { Ask, Question } from "./ask-rows.ts";

export interface EvaluationDependencies {
  database: Database;
  registry: Pick<
    Registry,
    "getModel" | "experimentOf" | "getVersion" | "resolve" | "recordMetrics" | "recordEvent" | "setAlias"
  >;
  datasets: Pick<Datasets, "get" | "readRows">;
  runs: Pick<Runs, "createRun" | "logMetrics" | "finishRun">;
  ask: Ask;
}

export interface PageRequest {
  page: number;
  page_size: number;
}

/** Measured versions, and aliases that are earned by measurement. */
export interface Evaluations {
  /**
   * Asks a version every row of a split and keeps the figures: as an evaluation, as a run, and as
   * metrics of the version (`accuracy` of the test split, `validation_accuracy`, `train_accuracy`).
   * @throws HearthError `not_found`, `conflict` (version not ready), `invalid_request`; the signal's reason
   */
  run(
    request: EvaluationRequest,
    signal: AbortSignal,
    onProgress: (progress: { done: number; total: number }) => void,
  ): Promise<Evaluation>;
  /** @throws HearthError `not_found` */
  get(id: string): Promise<Evaluation>;
  /** The newest first; with `version_id`, those of that version. */
  list(request: PageRequest & { version_id?: string | undefined }): Promise<Page<Evaluation>>;
  /** Moves the alias when every gate passes; else tells why not, with the figures. */
  promote(idOrName: string, request: z.infer<typeof promoteRequest>): Promise<GateResult>;
}

export function createEvaluations(dependencies: EvaluationDependencies): Evaluations {
  const { database } = dependencies;
  const rows = () =>
    database.db
      .selectFrom("evaluations")
      .innerJoin("model_versions", "model_versions.id", "evaluations.version_id")
      .innerJoin("models", "models.id", "model_versions.model_id")
      .selectAll("evaluations")
      .select(["models.name as model", "model_versions.version as version"]);
  return {
    run: (request, signal, onProgress) => runEvaluation(dependencies, request, signal, onProgress),
    async get(id) {
      const row = await rows().where("evaluations.id", "=", id).executeTakeFirst();
      if (row === undefined)
        throw new HearthError("not_found", `there is no evaluation '${id}'`, {
          details: { evaluation_id: id },
        });
      return presentEvaluation(row);
    },
    async list({ page, page_size, version_id: id }) {
      const { total } = await database.db
        .selectFrom("evaluations")
        .$if(id !== undefined, (query) => query.where("version_id", "=", id ?? ""))
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const found = await rows()
        .$if(id !== undefined, (query) => query.where("evaluations.version_id", "=", id ?? ""))
        .orderBy("evaluations.created_at", "desc")
        .orderBy("evaluations.id")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: found.map(presentEvaluation), total: Number(total), page, page_size };
    },
    promote: (idOrName, request) => promoteVersion(dependencies, idOrName, request),
  };
}

async function runEvaluation(
  dependencies: EvaluationDependencies,
  request: EvaluationRequest,
  signal: AbortSignal,
  onProgress: (progress: { done: number; total: number }) => void,
): Promise<Evaluation> {
  const { registry, datasets, runs } = dependencies;
  const [version, dataset] = await Promise.all([
    registry.resolve(request.model),
    datasets.get(request.dataset),
  ]);
  const available = dataset.splits[request.split]?.rows ?? 0;
  if (available === 0) {
    const splits = Object.keys(dataset.splits).join(", ");
    throw new HearthError(
      "invalid_request",
      `split: dataset '${dataset.name}' has no rows in '${request.split}'; allowed: ${splits}`,
      {
        details: { field: "split", value: request.split, allowed: splits },
      },
    );
  }
  const total = Math.min(available, request.limit ?? available);
  const model = await registry.getModel(version.model_id);
  const run = await runs.createRun({
    experimentId: await registry.experimentOf(model.id),
    kind: "evaluation",
    name: `evaluate-${version.model}-${version.version}`,
    params: {
      model: `${version.model}:${version.version}`,
      version_sha256: version.sha256 ?? "",
      dataset: `${dataset.name}@${dataset.checksum}`,
      split: request.split,
      rows: String(total),
    },
  });
  try {
    const began = performance.now();
    const limit = request.limit === undefined ? {} : { limit: request.limit };
    onProgress({ done: 0, total });
    const answers = await askRows(
      datasets.readRows(dataset, request.split, limit, signal),
      {
        version,
        labels: dataset.labels,
        concurrency: Math.min(request.concurrency, total),
        ask: dependencies.ask,
        onAnswer: (done) => onProgress({ done, total }),
      },
      signal,
    );
    const seconds = (performance.now() - began) / 1000;
    return await keep(dependencies, {
      version,
      runId: run.id,
      datasetId: dataset.id,
      dataset: dataset.name,
      split: request.split,
      rows: answers.length,
      seconds,
      measured: measureAnswers(answers, dataset.labels),
    });
  } catch (error) {
    await runs.finishRun(run.id, signal.aborted ? "KILLED" : "FAILED");
    throw error;
  }
}

interface Kept {
  version: ModelVersion;
  runId: string;
  datasetId: string;
  dataset: string;
  split: EvaluationRequest["split"];
  rows: number;
  seconds: number;
  measured: Measurement;
}

/** The version's metrics that an evaluation sets; those of the test split have the plain names. */
const versionMetrics = ["accuracy", "invalid_rate", "macro_f1"];

async function keep({ database, registry, runs }: EvaluationDependencies, kept: Kept): Promise<Evaluation> {
  const { version, measured, split } = kept;
  const id = randomUUID();
  const now = Date.now();
  await database.transaction(async (db) => {
    await db
      .insertInto("evaluations")
      .values({
        id,
        run_id: kept.runId,
        version_id: version.id,
        dataset_id: kept.datasetId,
        split,
        rows: kept.rows,
        metrics: JSON.stringify(measured.metrics),
        confusion: JSON.stringify(measured.confusion),
        examples: JSON.stringify(measured.examples),
        seconds: kept.seconds,
        created_at: now,
      })
      .execute();
    const points = Object.entries(measured.metrics).map(([key, value]) => ({
      key,
      value,
      step: 0,
      timestamp: now,
    }));
    await runs.logMetrics(kept.runId, points);
    await runs.finishRun(kept.runId, "FINISHED");
    const prefix = split === "test" ? "" : `${split}_`;
    const figures = Object.entries(measured.metrics).filter(([name]) => versionMetrics.includes(name));
    await registry.recordMetrics(
      version.id,
      Object.fromEntries(figures.map(([name, value]) => [prefix + name, value])),
    );
    await registry.recordEvent(version.model_id, {
      kind: "evaluated",
      version: version.version,
      details: {
        evaluation_id: id,
        dataset: kept.dataset,
        split,
        rows: kept.rows,
        accuracy: measured.metrics["accuracy"],
      },
    });
  });
  return {
    id,
    run_id: kept.runId,
    model: version.model,
    version_id: version.id,
    version: version.version,
    dataset_id: kept.datasetId,
    split,
    rows: kept.rows,
    ...measured,
    seconds: kept.seconds,
    created_at: new Date(now).toISOString(),
  };
}
