import type { Page } from "@hearth/wire/hub/common";
import type { Experiment, listExperimentsQuery, RunColumns } from "@hearth/wire/hub/experiments";
import type {
  GroupRunsAnswer,
  groupRunsRequest,
  SearchRunsAnswer,
  searchRunsRequest,
} from "@hearth/wire/hub/runs-table";
import type { MetricSeries, metricSeriesRequest } from "@hearth/wire/hub/metric-series";
import type { changeRunRequest, RunDetails, RunLineage } from "@hearth/wire/hub/run-details";
import type { MetricValue, Run } from "@hearth/wire/hub/tracking";
import type { z } from "zod";
import type { Database } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";
import { insertRun, type NewRun } from "./create-run.ts";
import { unknownRun } from "./errors.ts";
import { createExperiments, type Experiments } from "./experiments.ts";
import { changeRun, setRunStage, settleRun, type RunChange } from "./change-run.ts";
import { editRun } from "./edit-run.ts";
import { hubRun, listRuns, runDetails } from "./hub-runs.ts";
import { logInputs, logOutputs, type ModelOutput, type RunInputs } from "./inputs.ts";
import { maxTagLength } from "./keys.ts";
import { recordModel } from "./legacy-models.ts";
import { logBatch, type Batch } from "./log-batch.ts";
import { readBuckets, type BucketRequest } from "./metrics/buckets.ts";
import { readMetricSeries } from "./metrics/metric-series.ts";
import { historyTexts, type TextRequest } from "./metrics/history-text.ts";
import { readHistory, type SeriesPoint } from "./metrics/history.ts";
import { listExperiments, readExperiment, readRunColumns } from "./list-experiments.ts";
import { insertMetrics } from "./metrics/insert.ts";
import { MetricLog } from "./metrics/metric-log.ts";
import { shownValue, storedPoint, type MetricPoint } from "./metrics/points.ts";
import { checkedParams, insertParams, type Pair } from "./params.ts";
import { historyPage } from "./read-points.ts";
import { readRuns } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";
import { groupRuns } from "./run-groups.ts";
import { runLineage } from "./run-lineage.ts";
import { RunsTable } from "./runs-table.ts";
import { readRunTexts, type RunText } from "./run-texts.ts";
import { refusals, requireActive } from "./run-state.ts";
import { searchRuns, type RunSearch } from "./search-runs.ts";
import { checkedTags, deleteTag, upsertTags } from "./tags.ts";
import { usedDatasets, type UsedDataset } from "./used-datasets.ts";

export type { ModelOutput, RunInputs } from "./inputs.ts";
export type { UsedDataset } from "./used-datasets.ts";
export type { Batch } from "./log-batch.ts";
export type { ExperimentRecord, Experiments, NewExperiment } from "./experiments.ts";
export type { SeriesPoint } from "./metrics/history.ts";
export type { MetricPoint } from "./metrics/points.ts";
export type { NewRun } from "./create-run.ts";
export type { Pair } from "./params.ts";
export type { RunChange } from "./change-run.ts";
export type { DatasetInput, LatestMetric, RunRecord } from "./run-record.ts";
export type { RunText } from "./run-texts.ts";
export type { RunSearch } from "./search-runs.ts";
export type { ViewType } from "./search-experiments.ts";

export interface PageRequest {
  page: number;
  page_size: number;
}

export interface CreateRun {
  experimentId: string;
  kind: Run["kind"];
  /** Default: two words and a number. */
  name?: string;
  params?: Record<string, string>;
  tags?: Record<string, string>;
}

/** Experiments and their runs. */
export interface Runs {
  readonly experiments: Experiments;
  /** Short for `experiments.ensureDefault`. */
  ensureDefaultExperiment(): Promise<void>;
  /** Short for `experiments.ensure`. */
  ensureExperiment(name: string): Promise<string>;
  /** Marks it and its runs deleted; one that is gone or deleted already is left as it is. */
  deleteExperiment(id: string): Promise<void>;
  createRun(request: CreateRun): Promise<Run>;
  /** A run as a client of MLflow starts it. */
  startRun(
    request: Omit<NewRun, "kind" | "startedAt"> & { startedAt?: number | undefined },
  ): Promise<RunRecord>;
  /** Status, name, end. Gives back the run without its params, tags and metrics. */
  changeRun(runId: string, change: RunChange): Promise<RunRecord>;
  /** What a person says of it: name, description, tags. All of it or nothing. */
  editRun(runId: string, change: z.output<typeof changeRunRequest>): Promise<void>;
  /** Deleted runs stay readable and refuse every write. */
  deleteRun(runId: string): Promise<void>;
  restoreRun(runId: string): Promise<void>;
  /** Parameters never change: the same value again is fine, another is a `conflict`. */
  logParams(runId: string, params: Record<string, string>): Promise<void>;
  /** One point, written together with what others send at the same time. Not for inside a transaction. */
  logMetric(runId: string, point: MetricPoint): Promise<void>;
  /** Acknowledged means on disk. */
  logMetrics(runId: string, points: readonly MetricPoint[]): Promise<void>;
  /** All of it or nothing. */
  logBatch(runId: string, batch: Batch): Promise<void>;
  setTags(runId: string, tags: Record<string, string>): Promise<void>;
  setTag(runId: string, tag: Pair): Promise<void>;
  /** Throws `not_found` when the run has no such tag. */
  deleteTag(runId: string, key: string): Promise<void>;
  /** Data and models that the run has read, and models that it has made. */
  logInputs(runId: string, inputs: RunInputs): Promise<void>;
  logOutputs(runId: string, models: readonly ModelOutput[]): Promise<void>;
  /** A model among the run's artifacts, as clients before MLflow 3 describe it: one more in a tag. */
  recordModel(runId: string, model: Record<string, unknown>): Promise<void>;
  /** Data that runs of these experiments have read. */
  usedDatasets(experimentIds: readonly string[]): Promise<UsedDataset[]>;
  /** Also of a run that was deleted meanwhile. */
  finishRun(runId: string, status: "FINISHED" | "FAILED" | "KILLED"): Promise<void>;
  /** Back to RUNNING, for a job that is tried again. */
  resumeRun(runId: string): Promise<void>;
  getRun(runId: string): Promise<Run>;
  /** The same with who, where and when. Throws `not_found`. */
  runDetails(runId: string): Promise<RunDetails>;
  /** What it was made from, what came of it, and the runs around it. Throws `not_found`. */
  runLineage(runId: string): Promise<RunLineage>;
  /** With everything that is said of it. Throws `not_found`. */
  readRun(runId: string): Promise<RunRecord>;
  readRunText(runId: string): Promise<RunText>;
  /** The newest first. */
  searchRuns(
    query: PageRequest & { experimentId?: string; kind?: Run["kind"]; status?: Run["status"] },
  ): Promise<Page<Run>>;
  /** In MLflow's search language. */
  search(search: RunSearch): Promise<{ runs: AsyncIterable<RunText[]>; more: boolean }>;
  /** A page at any place of a long table. Throws `invalid_request`. */
  table(request: z.output<typeof searchRunsRequest>): Promise<SearchRunsAnswer>;
  /** Runs put together by the value of a parameter or a tag, the largest group first. */
  groups(request: z.output<typeof groupRunsRequest>): Promise<GroupRunsAnswer>;
  /** Deletes (`active: false`) or restores all of them or, when one is unknown, none. */
  setActive(runIds: readonly string[], active: boolean): Promise<void>;
  /** Experiments with the number of their runs, those with the newest activity first. */
  listExperiments(query: z.output<typeof listExperimentsQuery>): Promise<Page<Experiment>>;
  /** Throws `not_found`. */
  readExperiment(id: string): Promise<Experiment>;
  /** Names that its newest runs use. Throws `not_found`. */
  columns(experimentId: string): Promise<RunColumns>;
  /** Ordered by (timestamp, step, value). */
  metricHistory(runId: string, key: string, page: PageRequest): Promise<Page<MetricValue>>;
  /** The same as JSON text, piece by piece, for histories of any length; nothing of a metric that does not exist. */
  historyTexts(request: TextRequest): AsyncIterable<{ text: string; count: number }>;
  historyPage(
    runId: string,
    key: string,
    page: { limit: number; offset: number },
  ): Promise<{ points: SeriesPoint[]; more: boolean }>;
  /** At most `points` points that keep every peak of the metric between two steps. */
  chartPoints(request: Omit<BucketRequest, "buckets"> & { points: number }): Promise<SeriesPoint[]>;
  /** Many series for one chart, in the order of the request; empty where a run or its metric does not exist. */
  metricSeries(request: z.output<typeof metricSeriesRequest>): Promise<MetricSeries[]>;
}

export interface RunsDependencies {
  database: Database;
  /** Who the hub's own runs are by; default: nobody is named. */
  user?: string;
  /** ms since the epoch */
  now?: () => number;
}

export function createRuns({ database, user = "", now = Date.now }: RunsDependencies): Runs {
  const experiments = createExperiments(database, now);
  const metricLog = new MetricLog(database, refusals);
  const table = new RunsTable(database);
  const readRun = async (runId: string) => {
    const [run] = await readRuns(database.db, [runId]);
    if (run === undefined) throw unknownRun(runId);
    return run;
  };
  return {
    experiments,
    ensureDefaultExperiment: () => experiments.ensureDefault(),
    ensureExperiment: (name) => experiments.ensure(name),
    deleteExperiment: (id) =>
      database.write(async () => {
        const { lifecycleStage } = await experiments.get(id);
        if (lifecycleStage === "active") await experiments.remove(id);
      }),
    createRun: async ({ params = {}, tags = {}, ...request }) =>
      hubRun(
        await database.write((db) =>
          insertRun(db, {
            ...request,
            userId: user,
            startedAt: now(),
            params: pairsOf(params),
            tags: pairsOf({ ...sourceTags(request.kind, user), ...tags }),
          }),
        ),
      ),
    startRun: (request) =>
      database.write((db) =>
        insertRun(db, { ...request, kind: "tracked", startedAt: request.startedAt ?? now() }),
      ),
    changeRun: (runId, change) => changeRun(database, runId, change),
    editRun: (runId, change) => editRun(database, runId, change),
    deleteRun: (runId) => setRunStage(database, runId, now()),
    restoreRun: (runId) => setRunStage(database, runId, null),
    logParams: async (runId, params) => {
      const checked = checkedParams(pairsOf(params));
      await database.write(async (db) => {
        await requireActive(db, runId);
        await insertParams(db, runId, checked);
      });
    },
    logMetric: async (runId, point) => metricLog.append(runId, [point]),
    logMetrics: async (runId, points) => {
      if (points.length === 0) return;
      const stored = points.map((point) => storedPoint(point));
      await database.write(async (db) => {
        await requireActive(db, runId);
        await insertMetrics(db, [{ runId, points: stored }]);
      });
    },
    logBatch: (runId, batch) => logBatch(database, runId, batch),
    setTags: (runId, tags) => setTags(database, runId, pairsOf(tags)),
    setTag: (runId, tag) => setTags(database, runId, [tag]),
    deleteTag: (runId, key) =>
      database.write(async (db) => {
        await requireActive(db, runId);
        await deleteTag(db, runId, key);
      }),
    finishRun: (runId, status) => settleRun(database, runId, { status, endedAt: now() }),
    resumeRun: (runId) => settleRun(database, runId, { status: "RUNNING", endedAt: null }),
    getRun: async (runId) => hubRun(await readRun(runId)),
    runDetails: async (runId) => runDetails(await readRun(runId)),
    runLineage: async (runId) => runLineage(database.db, await readRun(runId)),
    readRun,
    readRunText: async (runId) => {
      for await (const [run] of readRunTexts(database.db, [runId])) if (run !== undefined) return run;
      throw unknownRun(runId);
    },
    searchRuns: (query) => listRuns(database.db, query),
    search: (search) => searchRuns(database, search),
    table: (request) => table.search(request),
    groups: (request) => groupRuns(database, request),
    setActive: (runIds, active) =>
      database.transaction(async () => {
        for (const runId of runIds) await setRunStage(database, runId, active ? null : now());
      }),
    listExperiments: (query) => listExperiments(database, query),
    readExperiment: (id) => readExperiment(database, id),
    columns: (experimentId) => readRunColumns(database, experimentId),
    metricHistory: async (runId, key, { page, page_size }) => {
      await requireRun(database, runId);
      const { total, points: rows } = await readHistory(database.db, runId, key, {
        limit: page_size,
        offset: (page - 1) * page_size,
      });
      const items = rows.map((row) => ({
        step: row.step,
        value: shownValue(row),
        timestamp: toIso(row.timestamp),
      }));
      return { items, total, page, page_size };
    },
    historyTexts: (request) => historyTexts(database.db, request),
    logInputs: (runId, inputs) => logInputs(database, runId, inputs),
    logOutputs: (runId, models) => logOutputs(database, runId, models),
    recordModel: (runId, model) => recordModel(database, runId, model, maxTagLength),
    usedDatasets: (experimentIds) => usedDatasets(database, experimentIds),
    chartPoints: async ({ points: most, ...request }) => {
      // Every bucket gives up to two points; of a single one the last is the one to show.
      const found = await readBuckets(database.db, {
        ...request,
        buckets: Math.max(1, Math.floor(most / 2)),
      });
      return most === 1 ? found.slice(-1) : found;
    },
    metricSeries: (request) => readMetricSeries(database.db, request),
    historyPage: (runId, key, page) => historyPage(database.db, runId, key, page),
  };
}

/** Where a run of the hub's own comes from, as MLflow's pages show it. */
function sourceTags(kind: Run["kind"], user: string): Record<string, string> {
  if (kind === "tracked") return {};
  return {
    "mlflow.source.type": "JOB",
    "mlflow.source.name": `hearth ${kind}`,
    ...(user === "" ? {} : { "mlflow.user": user }),
  };
}

function pairsOf(record: Record<string, string>): Pair[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

async function setTags(database: Database, runId: string, tags: readonly Pair[]): Promise<void> {
  const checked = checkedTags(tags);
  await database.write(async (db) => {
    await requireActive(db, runId);
    await upsertTags(db, runId, checked);
  });
}

async function requireRun({ db }: Database, runId: string): Promise<void> {
  const run = await db.selectFrom("runs").select("id").where("id", "=", runId).executeTakeFirst();
  if (run === undefined) throw unknownRun(runId);
}
