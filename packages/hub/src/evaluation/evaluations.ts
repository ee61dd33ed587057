import type { Page } from "@hearth/wire/hub/common";
import type {
  Evaluation,
  EvaluationComparison,
  EvaluationRequest,
  EvaluationRow,
  EvaluationRows,
  EvaluationRowsQuery,
} from "@hearth/wire/hub/evaluation";
import type { GateResult, promoteRequest, RollbackResult } from "@hearth/wire/hub/models";
import type { z } from "zod";
import type { ArtifactTree } from "../artifacts/tree/tree.ts";
import type { Datasets } from "../datasets/datasets.ts";
import { HearthError } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../storage/database.ts";
import type { Runs } from "../tracking/runs.ts";
import type { Ask, ScoreAnswer } from "./ask-rows.ts";
import { compareRows } from "./compare.ts";
import type { ScorerSurroundings } from "./custom-scorers/open-scorer.ts";
import { presentEvaluation } from "./present.ts";
import { promoteVersion } from "./promote.ts";
import { rollbackAlias } from "./rollback.ts";
import { allRows, readRows } from "./rows/evaluation-rows.ts";
import { runEvaluation, type Progress } from "./run-evaluation.ts";
import { defaultSeed } from "./statistics/bootstrap.ts";

export type { Ask, Question, ScoreAnswer } from "./ask-rows.ts";

export interface EvaluationDependencies {
  database: Database;
  registry: Pick<
    Registry,
    "getModel" | "experimentOf" | "getVersion" | "resolve" | "recordMetrics" | "recordEvent" | "setAlias"
  >;
  datasets: Pick<Datasets, "get" | "readRows">;
  runs: Pick<Runs, "createRun" | "readRun" | "logInputs" | "logMetrics" | "finishRun">;
  /** Of runs; rows and scorers are kept there. */
  artifacts: Pick<ArtifactTree, "write" | "open">;
  ask: Ask;
  score: ScoreAnswer;
  scorerSurroundings: ScorerSurroundings;
  /** Who asks, for the history of aliases. */
  who: () => string;
}

export interface PageRequest {
  page: number;
  page_size: number;
}

/** Measured versions, and aliases that are earned by measurement. */
export interface Evaluations {
  /**
   * Asks a version every row of a split and keeps the figures: as an evaluation, as a run with every row among its
   * artifacts, and as metrics of the version (`accuracy` of the test split, `validation_accuracy`, `train_accuracy`).
   * @throws HearthError `not_found`, `conflict` (version not ready), `invalid_request`, `path_not_allowed` (a
   * scorer); the signal's reason
   */
  run(request: EvaluationRequest, signal: AbortSignal, onProgress: Progress): Promise<Evaluation>;
  /** @throws HearthError `not_found` */
  get(id: string): Promise<Evaluation>;
  /** The newest first; with `version_id`, those of that version. */
  list(request: PageRequest & { version_id?: string | undefined }): Promise<Page<Evaluation>>;
  /** @throws HearthError `not_found`, also where its rows are not kept */
  rows(id: string, query: EvaluationRowsQuery): Promise<EvaluationRows>;
  /** All of them in order, never all in memory. Errors: as `rows`. */
  readRows(evaluation: Pick<Evaluation, "run_id">): AsyncIterable<EvaluationRow>;
  /**
   * What the other is ahead of the one by, with paired intervals.
   * @throws HearthError `not_found`, `invalid_request` when they were made on other rows; the signal's reason
   */
  compare(id: string, other: string, signal: AbortSignal): Promise<EvaluationComparison>;
  /** Moves the alias when every gate passes; else tells why not, with the figures. */
  promote(
    idOrName: string,
    request: z.infer<typeof promoteRequest>,
    signal?: AbortSignal,
  ): Promise<GateResult>;
  /** Gives an alias back to who held it before. @throws HearthError `not_found`, `conflict` when nobody did */
  rollback(idOrName: string, alias: string): Promise<RollbackResult>;
}

export function createEvaluations(dependencies: EvaluationDependencies): Evaluations {
  const { database, runs, artifacts, datasets } = dependencies;
  const records = () =>
    database.db
      .selectFrom("evaluations")
      .innerJoin("model_versions", "model_versions.id", "evaluations.version_id")
      .innerJoin("models", "models.id", "model_versions.model_id")
      .selectAll("evaluations")
      .select(["models.name as model", "model_versions.version as version"]);
  const get = async (id: string): Promise<Evaluation> => {
    const row = await records().where("evaluations.id", "=", id).executeTakeFirst();
    if (row === undefined)
      throw new HearthError("not_found", `there is no evaluation '${id}'`, {
        details: { evaluation_id: id },
      });
    return presentEvaluation(row);
  };
  const placeOf = async ({ run_id: runId }: Pick<Evaluation, "run_id">): Promise<string> =>
    (await runs.readRun(runId)).artifactUri;
  const everyRow = async function* (evaluation: Pick<Evaluation, "run_id">): AsyncGenerator<EvaluationRow> {
    yield* allRows(artifacts, await placeOf(evaluation));
  };
  const withRows = async (id: string) => {
    const evaluation = await get(id);
    const rows: EvaluationRow[] = [];
    for await (const row of everyRow(evaluation)) rows.push(row);
    return { evaluation, rows };
  };
  const compare: Evaluations["compare"] = async (id, other, signal) => {
    const [first, second] = [await withRows(id), await withRows(other)];
    const { labels } = await datasets.get(first.evaluation.dataset_id);
    return await compareRows(first, second, { labels, seed: defaultSeed }, signal);
  };
  return {
    run: (request, signal, onProgress) => runEvaluation(dependencies, request, signal, onProgress),
    get,
    async list({ page, page_size, version_id: id }) {
      const { total } = await database.db
        .selectFrom("evaluations")
        .$if(id !== undefined, (query) => query.where("version_id", "=", id ?? ""))
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const found = await records()
        .$if(id !== undefined, (query) => query.where("evaluations.version_id", "=", id ?? ""))
        .orderBy("evaluations.created_at", "desc")
        .orderBy("evaluations.id")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: found.map(presentEvaluation), total: Number(total), page, page_size };
    },
    rows: async (id, query) => await readRows(artifacts, await placeOf(await get(id)), query),
    readRows: everyRow,
    compare,
    promote: (idOrName, request, signal = new AbortController().signal) =>
      promoteVersion(dependencies, idOrName, request, compare, signal),
    rollback: (idOrName, alias) => rollbackAlias(dependencies, idOrName, alias),
  };
}
