import { randomUUID } from "node:crypto";
import type { Page } from "@hearth/wire/hub/common";
import type { MetricValue, Run } from "@hearth/wire/hub/tracking";
import { sql, type Selectable } from "kysely";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import { toIso, toIsoOrNull } from "../storage/instant.ts";
import type { RunTable } from "../storage/tables/tracking.ts";
import { readHistory } from "./metrics/history.ts";
import { MetricLog } from "./metrics/metric-log.ts";
import { insertMetrics } from "./metrics/insert.ts";
import { shownValue, storedPoint, type MetricPoint } from "./metrics/points.ts";

export type { MetricPoint } from "./metrics/points.ts";

export interface PageRequest {
  page: number;
  page_size: number;
}

export interface CreateRun {
  experimentId: string;
  kind: Run["kind"];
  /** Default: the kind and the first letters of the id. */
  name?: string;
  params?: Record<string, string>;
  tags?: Record<string, string>;
}

/** Experiments and their runs. */
export interface Runs {
  /** The experiment "0", where runs go that name none. */
  ensureDefaultExperiment(): Promise<void>;
  /** The id of the experiment of that name: a new one, or the existing one (restored when it was deleted). */
  ensureExperiment(name: string): Promise<string>;
  /** Marks it deleted; its runs stay. */
  deleteExperiment(id: string): Promise<void>;
  createRun(request: CreateRun): Promise<Run>;
  /** Parameters never change: the same value again is fine, another is a `conflict`. */
  logParams(runId: string, params: Record<string, string>): Promise<void>;
  /** One point, written together with what others send at the same time. Not for inside a transaction. */
  logMetric(runId: string, point: MetricPoint): Promise<void>;
  /** Acknowledged means on disk. */
  logMetrics(runId: string, points: readonly MetricPoint[]): Promise<void>;
  setTags(runId: string, tags: Record<string, string>): Promise<void>;
  finishRun(runId: string, status: "FINISHED" | "FAILED" | "KILLED"): Promise<void>;
  /** Back to RUNNING, for a job that is tried again. */
  resumeRun(runId: string): Promise<void>;
  getRun(runId: string): Promise<Run>;
  /** The newest first. */
  searchRuns(
    query: PageRequest & { experimentId?: string; kind?: Run["kind"]; status?: Run["status"] },
  ): Promise<Page<Run>>;
  /** Ordered by (timestamp, step, value). */
  metricHistory(runId: string, key: string, page: PageRequest): Promise<Page<MetricValue>>;
}

export interface RunsDependencies {
  database: Database;
  /** ms since the epoch */
  now?: () => number;
}

/** MLflow's limits: longer values are cut, not refused. */
const maxParamLength = 6000;
const maxTagLength = 8000;
const maxKeyLength = 250;

export function createRuns({ database, now = Date.now }: RunsDependencies): Runs {
  const setStatus = async (runId: string, change: Pick<RunTable, "status" | "ended_at">) => {
    await database.write(async (db) => {
      await requireActive(db, runId);
      await db.updateTable("runs").set(change).where("id", "=", runId).execute();
    });
  };
  const metricLog = new MetricLog(database, refusals);
  return {
    ensureDefaultExperiment: async () => {
      await database.write(async (db) => {
        const time = now();
        // Whoever has named an experiment of his own so keeps it.
        await db
          .insertInto("experiments")
          .values({ id: "0", name: "Default", lifecycle_stage: "active", created_at: time, updated_at: time })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      });
    },
    ensureExperiment: (name) =>
      database.write(async (db) => {
        const time = now();
        const row = await db
          .insertInto("experiments")
          .values({
            id: await nextExperimentId(db),
            name,
            lifecycle_stage: "active",
            created_at: time,
            updated_at: time,
          })
          .onConflict((conflict) =>
            conflict.column("name").doUpdateSet({ lifecycle_stage: "active", updated_at: time }),
          )
          .returning("id")
          .executeTakeFirstOrThrow();
        return row.id;
      }),
    deleteExperiment: async (id) => {
      await database.write(async (db) => {
        await db
          .updateTable("experiments")
          .set({ lifecycle_stage: "deleted", updated_at: now() })
          .where("id", "=", id)
          .execute();
      });
    },
    createRun: (request) =>
      database.write(async (db) => {
        const id = randomUUID().replaceAll("-", "");
        const experiment = await db
          .selectFrom("experiments")
          .select("id")
          .where("id", "=", request.experimentId)
          .executeTakeFirst();
        if (experiment === undefined) {
          throw new HearthError("not_found", `There is no experiment ${request.experimentId}.`);
        }
        const row: Selectable<RunTable> = {
          id,
          experiment_id: request.experimentId,
          name: request.name ?? `${request.kind}-${id.slice(0, 8)}`,
          kind: request.kind,
          user_id: "",
          deleted_at: null,
          status: "RUNNING",
          lifecycle_stage: "active",
          started_at: now(),
          ended_at: null,
        };
        await db.insertInto("runs").values(row).execute();
        await insertParams(db, id, request.params ?? {});
        await upsertTags(db, id, request.tags ?? {});
        return await present(db, row);
      }),
    logParams: (runId, params) =>
      database.write(async (db) => {
        await requireActive(db, runId);
        await insertParams(db, runId, params);
      }),
    logMetric: (runId, point) => metricLog.append(runId, [point]),
    logMetrics: async (runId, points) => {
      if (points.length === 0) return;
      const stored = points.map(storedPoint);
      await database.write(async (db) => {
        await requireActive(db, runId);
        await insertMetrics(db, [{ runId, points: stored }]);
      });
    },
    setTags: (runId, tags) =>
      database.write(async (db) => {
        await requireActive(db, runId);
        await upsertTags(db, runId, tags);
      }),
    finishRun: (runId, status) => setStatus(runId, { status, ended_at: now() }),
    resumeRun: (runId) => setStatus(runId, { status: "RUNNING", ended_at: null }),
    getRun: async (runId) => {
      const row = await database.db.selectFrom("runs").selectAll().where("id", "=", runId).executeTakeFirst();
      if (row === undefined) throw unknownRun(runId);
      return await present(database.db, row);
    },
    searchRuns: async ({ page, page_size, experimentId, kind, status }) => {
      let query = database.db.selectFrom("runs").where("lifecycle_stage", "=", "active");
      if (experimentId !== undefined) query = query.where("experiment_id", "=", experimentId);
      if (kind !== undefined) query = query.where("kind", "=", kind);
      if (status !== undefined) query = query.where("status", "=", status);
      const { total } = await query
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await query
        .selectAll()
        .orderBy("started_at", "desc")
        .orderBy("id")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: await presentAll(database.db, rows), total, page, page_size };
    },
    metricHistory: async (runId, key, { page, page_size }) => {
      const run = await database.db
        .selectFrom("runs")
        .select("id")
        .where("id", "=", runId)
        .executeTakeFirst();
      if (run === undefined) throw unknownRun(runId);
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
  };
}

async function requireActive(db: Queries, runId: string): Promise<void> {
  const error = (await refusals(db, [runId])).get(runId);
  if (error !== undefined) throw error;
}

/** The runs that cannot be written to, each with the reason. */
async function refusals(db: Queries, runIds: readonly string[]): Promise<Map<string, HearthError>> {
  const rows = await db
    .selectFrom("runs")
    .select(["id", "lifecycle_stage"])
    .where("id", "in", runIds)
    .execute();
  const stages = new Map(rows.map((row) => [row.id, row.lifecycle_stage]));
  const refused = new Map<string, HearthError>();
  for (const runId of runIds) {
    const stage = stages.get(runId);
    if (stage === undefined) refused.set(runId, unknownRun(runId));
    if (stage === "deleted") refused.set(runId, deletedRun(runId));
  }
  return refused;
}

// Both in the words that MLflow's clients look for.
function unknownRun(runId: string): HearthError {
  return new HearthError("not_found", `Run with id=${runId} not found`, { details: { run_id: runId } });
}

function deletedRun(runId: string): HearthError {
  return new HearthError(
    "invalid_request",
    `The run ${runId} must be in the 'active' state. Current state is deleted.`,
    { details: { run_id: runId } },
  );
}

function checkedPairs(runId: string, pairs: Record<string, string>, maxValueLength: number) {
  return Object.entries(pairs).map(([key, value]) => {
    if (key === "" || key.length > maxKeyLength || key.includes("\0")) {
      throw new HearthError(
        "invalid_request",
        `A key has 1 to ${maxKeyLength} characters and no NUL; found ${JSON.stringify(key.slice(0, 300))}.`,
      );
    }
    // PostgreSQL's text cannot hold NUL.
    return { run_id: runId, key, value: value.replaceAll("\0", "\u{FFFD}").slice(0, maxValueLength) };
  });
}

async function insertParams(db: Queries, runId: string, params: Record<string, string>): Promise<void> {
  const rows = checkedPairs(runId, params, maxParamLength);
  if (rows.length === 0) return;
  await db
    .insertInto("run_params")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const stored = await db
    .selectFrom("run_params")
    .select(["key", "value"])
    .where("run_id", "=", runId)
    .execute();
  const values = new Map(stored.map((row) => [row.key, row.value]));
  for (const row of rows) {
    const known = values.get(row.key);
    if (known !== row.value) {
      throw new HearthError(
        "conflict",
        `The parameter ${row.key} of run ${runId} is ${JSON.stringify(known)} and cannot become ${JSON.stringify(row.value)}: ` +
          `parameters never change. Use a tag, or a new run.`,
      );
    }
  }
}

async function upsertTags(db: Queries, runId: string, tags: Record<string, string>): Promise<void> {
  const rows = checkedPairs(runId, tags, maxTagLength);
  if (rows.length === 0) return;
  await db
    .insertInto("run_tags")
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(["run_id", "key"]).doUpdateSet((row) => ({ value: row.ref("excluded.value") })),
    )
    .execute();
}

async function present(db: Queries, row: Selectable<RunTable>): Promise<Run> {
  const [run] = await presentAll(db, [row]);
  if (run === undefined) throw new Error("unreachable: one row in, one run out");
  return run;
}

async function presentAll(db: Queries, rows: readonly Selectable<RunTable>[]): Promise<Run[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const params = await db.selectFrom("run_params").selectAll().where("run_id", "in", ids).execute();
  const tags = await db.selectFrom("run_tags").selectAll().where("run_id", "in", ids).execute();
  const metrics = await db.selectFrom("metric_series").selectAll().where("run_id", "in", ids).execute();
  const runs = new Map(
    rows.map((row): [string, Run] => [
      row.id,
      {
        id: row.id,
        experiment_id: row.experiment_id,
        name: row.name,
        kind: row.kind,
        status: row.status,
        params: {},
        tags: {},
        metrics: {},
        started_at: toIso(row.started_at),
        ended_at: toIsoOrNull(row.ended_at),
      },
    ]),
  );
  for (const { run_id, key, value } of params) define(runs.get(run_id)?.params, key, value);
  for (const { run_id, key, value } of tags) define(runs.get(run_id)?.tags, key, value);
  for (const metric of metrics) define(runs.get(metric.run_id)?.metrics, metric.key, shownValue(metric));
  return [...runs.values()];
}

/** Keys come from outside: `__proto__` is a key like any other. */
function define<T>(target: Record<string, T> | undefined, key: string, value: T): void {
  if (target === undefined) return;
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The id of the next experiment: they count upwards. */
export async function nextExperimentId(db: Queries): Promise<string> {
  const { last } = await db
    .selectFrom("experiments")
    .select(sql<number | null>`max(cast(id as integer))`.as("last"))
    .where("id", "not like", "%-%")
    .executeTakeFirstOrThrow();
  return String((last ?? 0) + 1);
}
