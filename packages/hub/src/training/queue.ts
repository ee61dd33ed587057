import type { Reproduction } from "@hearth/wire/hub/reproduction";
import type { JobKind, JobStatus, TrainingJob, TrainingParameters } from "@hearth/wire/hub/training";
import type { Page } from "@hearth/wire/hub/common";
import { sql, type Updateable } from "kysely";
import { HearthError } from "../errors.ts";
import type { SerialisedError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import type { JobTable } from "../storage/tables/training.ts";
import { changeJob } from "./job-state.ts";
import type { JobChange, JobState } from "./job-state.ts";
import { presentJob } from "./present.ts";
import type { JobRow } from "./present.ts";
import { parseSpecification } from "./stored-specification.ts";
import type { StoredSpecification } from "./stored-specification.ts";

export interface NewJob {
  id: string;
  kind: "train" | "reproduce";
  modelId: string;
  datasetId: string;
  versionId: string;
  runId: string;
  parameters: TrainingParameters;
  specification: StoredSpecification;
  maxRetries: number;
}

/** A job as the scheduler works with it. */
export interface QueuedJob {
  id: string;
  kind: "train" | "reproduce";
  modelId: string;
  model: string;
  versionId: string;
  version: number;
  runId: string;
  attempt: number;
  maxRetries: number;
  specification: StoredSpecification;
}

export interface JobListQuery {
  page: number;
  page_size: number;
  status?: JobStatus | undefined;
  model_id?: string | undefined;
  kind?: JobKind | undefined;
  version_id?: string | undefined;
}

/** Columns that may change together with the state. */
export interface JobOutcome {
  error?: SerialisedError;
  resultSha256?: string;
  reproduction?: Reproduction;
}

export interface AppliedChange {
  job: TrainingJob;
  before: JobStatus;
  after: JobStatus;
}

/** The jobs of the database: first come, first served unless a person moves one, and every change through the state machine. */
export class JobQueue {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** Puts a job at the end of the queue; part of the caller's transaction when there is one. */
  async enqueue(job: NewJob): Promise<void> {
    const now = this.#now();
    await this.#database.write((db) =>
      db
        .insertInto("jobs")
        .values({
          id: job.id,
          kind: job.kind,
          model_id: job.modelId,
          dataset_id: job.datasetId,
          version_id: job.versionId,
          run_id: job.runId,
          status: "queued",
          parameters: JSON.stringify(job.parameters),
          specification: JSON.stringify(job.specification),
          attempt: 0,
          max_retries: job.maxRetries,
          cancel_requested: 0,
          created_at: now,
          updated_at: now,
        })
        .execute(),
    );
  }

  /** @throws HearthError `not_found` */
  async get(id: string): Promise<TrainingJob> {
    return presentJob(await this.#row(this.#database.db, id));
  }

  /** What the job was asked to run. @throws HearthError `not_found` */
  async specification(id: string): Promise<StoredSpecification> {
    return parseSpecification((await this.#row(this.#database.db, id)).specification);
  }

  /** Newest first. */
  async list(query: JobListQuery): Promise<Page<TrainingJob>> {
    let matching = this.#database.db.selectFrom("jobs");
    if (query.status !== undefined) matching = matching.where("jobs.status", "=", query.status);
    if (query.kind !== undefined) matching = matching.where("jobs.kind", "=", query.kind);
    if (query.version_id !== undefined) matching = matching.where("jobs.version_id", "=", query.version_id);
    if (query.model_id !== undefined) matching = matching.where("jobs.model_id", "=", query.model_id);
    const { total } = await matching
      .select((expression) => expression.fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow();
    const rows = await withNames(matching)
      .orderBy("jobs.sequence", "desc")
      .limit(query.page_size)
      .offset((query.page - 1) * query.page_size)
      .execute();
    return {
      items: rows.map(presentJob),
      total: Number(total),
      page: query.page,
      page_size: query.page_size,
    };
  }

  /** Of all jobs. */
  async ids(): Promise<Set<string>> {
    const rows = await this.#database.db.selectFrom("jobs").select("id").execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** What completed repetitions of a version gave: the sha256 of the file that the engine loads, of each. */
  async reproducedResults(versionId: string): Promise<string[]> {
    const rows = await this.#database.db
      .selectFrom("jobs")
      .select("result_sha256")
      .where("version_id", "=", versionId)
      .where("kind", "=", "reproduce")
      .where("status", "=", "completed")
      .execute();
    return rows.flatMap((row) => row.result_sha256 ?? []);
  }

  async counts(): Promise<{ queued: number; running: number }> {
    const rows = await this.#database.db
      .selectFrom("jobs")
      .select(["status", (expression) => expression.fn.countAll<number>().as("count")])
      .where("status", "in", ["queued", "running"])
      .groupBy("status")
      .execute();
    const count = (status: JobStatus): number =>
      Number(rows.find((row) => row.status === status)?.count ?? 0);
    return { queued: count("queued"), running: count("running") };
  }

  /** The next queued job becomes running, unless `maxActive` already are; null when there is nothing to do. */
  async lease(maxActive = 1): Promise<QueuedJob | null> {
    return this.#database.transaction(async (db) => {
      const { active } = await db
        .selectFrom("jobs")
        .select((expression) => expression.fn.countAll<number>().as("active"))
        .where("status", "=", "running")
        .executeTakeFirstOrThrow();
      if (Number(active) >= maxActive) return null;
      const next = await db
        .selectFrom("jobs")
        .select("id")
        .where("status", "=", "queued")
        .orderBy(place)
        .limit(1)
        .executeTakeFirst();
      if (next === undefined) return null;
      const row = await this.#row(db, next.id);
      const leased = await this.#write(db, row, "lease", {
        started_at: row.started_at ?? this.#now(),
        heartbeat_at: this.#now(),
        pid: null,
      });
      return leased === null ? null : toQueuedJob({ ...row, attempt: row.attempt + 1 });
    });
  }

  /**
   * Puts a queued job before another one, or at the end; the queued jobs share their places out anew.
   * @throws HearthError `not_found`, `conflict` when one of the two is not queued (any more)
   */
  async move(id: string, before: string | null): Promise<TrainingJob> {
    return this.#database.transaction(async (db) => {
      for (const one of before === null ? [id] : [id, before]) {
        const { status } = await this.#row(db, one);
        if (status === "queued") continue;
        throw new HearthError("conflict", `job ${one} is ${status}; only queued jobs have an order`, {
          details: { job_id: one, status },
        });
      }
      const queued = await db
        .selectFrom("jobs")
        .select(["id", place.as("place")])
        .where("status", "=", "queued")
        .orderBy(place)
        .execute();
      const ids = moved(
        queued.map((job) => job.id),
        id,
        before,
      );
      for (const [index, { place: free }] of queued.entries()) {
        if (ids[index] === queued[index]?.id) continue;
        await db
          .updateTable("jobs")
          .set({ position: Number(free), updated_at: this.#now() })
          .where("id", "=", ids[index] ?? "")
          .execute();
      }
      return presentJob(await this.#row(db, id));
    });
  }

  /** Notes that the job's trainer lives; `progress` is JSON text. False when the job no longer runs. */
  async heartbeat(id: string, update: { progress?: string; pid?: number | null }): Promise<boolean> {
    const now = this.#now();
    const { numUpdatedRows } = await this.#database.write((db) =>
      db
        .updateTable("jobs")
        .set({ ...update, heartbeat_at: now, updated_at: now })
        .where("id", "=", id)
        .where("status", "=", "running")
        .executeTakeFirst(),
    );
    return numUpdatedRows > 0n;
  }

  /**
   * Applies a change; in the caller's transaction when there is one.
   * @throws HearthError `conflict` when the job's state does not allow it, `not_found`
   */
  async apply(id: string, change: JobChange, outcome: JobOutcome = {}): Promise<AppliedChange> {
    return this.#database.transaction(async (db) => {
      const row = await this.#row(db, id);
      const after = await this.#write(db, row, change, columnsOf(outcome));
      if (after === null) {
        throw new HearthError(
          "conflict",
          `job ${id} is ${row.status}; '${change}' is not possible any more`,
          { details: { job_id: id, status: row.status } },
        );
      }
      return { job: presentJob(await this.#row(db, id)), before: row.status, after };
    });
  }

  async isCancelRequested(id: string): Promise<boolean> {
    const row = await this.#database.db
      .selectFrom("jobs")
      .select("cancel_requested")
      .where("id", "=", id)
      .executeTakeFirst();
    return row?.cancel_requested === 1;
  }

  /** Running jobs whose last sign of life is older than `silentMs`; with null all of them. */
  async running(silentMs: number | null): Promise<QueuedJob[]> {
    let query = withNames(this.#database.db.selectFrom("jobs").where("jobs.status", "=", "running"));
    if (silentMs !== null) query = query.where("jobs.heartbeat_at", "<", this.#now() - silentMs);
    return (await query.orderBy("jobs.sequence").execute()).map(toQueuedJob);
  }

  /** Writes the state after the change, only if the row still is in the state before; null when the change is refused. */
  async #write(
    db: Queries,
    row: JobRow,
    change: JobChange,
    more: Updateable<JobTable>,
  ): Promise<JobStatus | null> {
    const after = changeJob(stateOf(row), change);
    if (after === null) return null;
    const now = this.#now();
    const waiting = after.status === "queued";
    const ended = !waiting && after.status !== "running";
    // Why a job was lost is not an error of a job that is tried again.
    if (after.status !== "failed") delete more.error;
    const { numUpdatedRows } = await db
      .updateTable("jobs")
      .set({
        status: after.status,
        attempt: after.attempt,
        cancel_requested: after.cancelRequested ? 1 : 0,
        updated_at: now,
        ...(waiting || ended ? { pid: null } : {}),
        ...(ended ? { finished_at: now } : {}),
        ...more,
      })
      .where("id", "=", row.id)
      .where("status", "=", row.status)
      .where("attempt", "=", row.attempt)
      .executeTakeFirst();
    if (numUpdatedRows === 0n)
      throw new HearthError(
        "conflict",
        `job ${row.id} was changed by somebody else at the same moment; try again`,
        { details: { job_id: row.id } },
      );
    return after.status;
  }

  async #row(db: Queries, id: string): Promise<JobRow> {
    const row = await withNames(db.selectFrom("jobs").where("jobs.id", "=", id)).executeTakeFirst();
    if (row === undefined)
      throw new HearthError("not_found", `there is no training job '${id}'; 'hearth jobs' lists them`, {
        details: { job_id: id },
      });
    return row;
  }
}

/** Smaller runs earlier. A place is never given twice: moving jobs exchanges the places that they have. */
const place = sql<number>`coalesce(jobs.position, jobs.sequence)`;

function moved(ids: readonly string[], id: string, before: string | null): string[] {
  if (before === id) return [...ids];
  const others = ids.filter((other) => other !== id);
  return others.toSpliced(before === null ? others.length : others.indexOf(before), 0, id);
}

function withNames(jobs: ReturnType<typeof selectJobs>) {
  return jobs
    .innerJoin("models", "models.id", "jobs.model_id")
    .innerJoin("datasets", "datasets.id", "jobs.dataset_id")
    .innerJoin("model_versions", "model_versions.id", "jobs.version_id")
    .selectAll("jobs")
    .select(["models.name as model", "datasets.name as dataset", "model_versions.version as version"]);
}

function selectJobs(db: Queries) {
  return db.selectFrom("jobs");
}

function stateOf(row: JobRow): JobState {
  return {
    status: row.status,
    attempt: row.attempt,
    maxRetries: row.max_retries,
    cancelRequested: row.cancel_requested === 1,
  };
}

function columnsOf(outcome: JobOutcome): Updateable<JobTable> {
  return {
    ...(outcome.error === undefined ? {} : { error: JSON.stringify(outcome.error) }),
    ...(outcome.resultSha256 === undefined ? {} : { result_sha256: outcome.resultSha256 }),
    ...(outcome.reproduction === undefined ? {} : columnsOfReproduction(outcome.reproduction)),
  };
}

function columnsOfReproduction(reproduction: Reproduction): Updateable<JobTable> {
  return { identical: reproduction.identical ? 1 : 0, reproduction: JSON.stringify(reproduction) };
}

function toQueuedJob(row: JobRow): QueuedJob {
  return {
    id: row.id,
    kind: row.kind,
    modelId: row.model_id,
    model: row.model,
    versionId: row.version_id,
    version: row.version,
    runId: row.run_id,
    attempt: row.attempt,
    maxRetries: row.max_retries,
    specification: parseSpecification(row.specification),
  };
}
