import type { JobStatus, TrainingJob } from "@hearth/wire/hub/training";
import type { Page } from "@hearth/wire/hub/common";
import type { JobGuard } from "@hearth/wire/hub/training-queue";
import type { Updateable } from "kysely";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import type { JobTable } from "../storage/tables/training.ts";
import { columnsOf, stateOf, toQueuedJob, withNames } from "./job-rows.ts";
import type { AppliedChange, JobListQuery, JobOutcome, NewJob, QueuedJob } from "./job-rows.ts";
import { changeJob, isFinal } from "./job-state.ts";
import type { JobChange } from "./job-state.ts";
import { guardsOf, presentJob, statusOf } from "./present.ts";
import type { JobRow } from "./present.ts";
import { noJob, place, placesAfterMove, waitingJobs } from "./queue-order.ts";
import { readQueueState } from "./queue-state.ts";
import { parseSpecification } from "./stored-specification.ts";
import type { StoredSpecification } from "./stored-specification.ts";

export type { JobListQuery, JobOutcome, NewJob, QueuedJob } from "./job-rows.ts";

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
          priority: job.priority ?? 0,
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

  /** Null when there is no such job. */
  async find(id: string): Promise<TrainingJob | null> {
    const row = await this.#find(this.#database.db, id);
    return row === undefined ? null : presentJob(row);
  }

  /** What the job was asked to run. @throws HearthError `not_found` */
  async specification(id: string): Promise<StoredSpecification> {
    return parseSpecification((await this.#row(this.#database.db, id)).specification);
  }

  /** Newest first. */
  async list(query: JobListQuery): Promise<Page<TrainingJob>> {
    let matching = this.#database.db.selectFrom("jobs");
    const { status } = query;
    if (status === "paused" || status === "queued")
      matching = matching
        .where("jobs.status", "=", "queued")
        .where("jobs.pause_requested", "=", status === "paused" ? 1 : 0);
    else if (status !== undefined) matching = matching.where("jobs.status", "=", status);
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

  /** The next to run first; with `most`, no more than that. */
  async waiting(most?: number): Promise<TrainingJob[]> {
    const inOrder = withNames(waitingJobs(this.#database.db)).orderBy("jobs.priority", "desc").orderBy(place);
    const rows = await (most === undefined ? inOrder : inOrder.limit(most)).execute();
    return rows.map(presentJob);
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
      .where((row) => row.or([row("status", "=", "running"), row("pause_requested", "=", 0)]))
      .groupBy("status")
      .execute();
    const count = (status: JobStatus): number =>
      Number(rows.find((row) => row.status === status)?.count ?? 0);
    return { queued: count("queued"), running: count("running") };
  }

  /** The next queued job becomes running, unless `maxActive` already are or the queue is paused; null when there is nothing to do. */
  async lease(maxActive = 1): Promise<QueuedJob | null> {
    return this.#database.transaction(async (db) => {
      if ((await readQueueState(db)).paused) return null;
      const { active } = await db
        .selectFrom("jobs")
        .select((expression) => expression.fn.countAll<number>().as("active"))
        .where("status", "=", "running")
        .executeTakeFirstOrThrow();
      if (Number(active) >= maxActive) return null;
      const next = await waitingJobs(db)
        .select("id")
        .orderBy("priority", "desc")
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
   * Puts a queued job before another one, whose priority it takes, or at the end.
   * @throws HearthError `not_found`, `conflict` when one of the two is not queued (any more)
   */
  async move(id: string, before: string | null): Promise<TrainingJob> {
    return this.#database.transaction(async (db) => {
      for (const { id: moved, position, priority } of await placesAfterMove(db, id, before)) {
        await db
          .updateTable("jobs")
          .set({ position, priority, updated_at: this.#now() })
          .where("id", "=", moved)
          .execute();
      }
      return presentJob(await this.#row(db, id));
    });
  }

  /** @throws HearthError `not_found`, `conflict` when the job has ended */
  async prioritize(id: string, priority: number): Promise<TrainingJob> {
    return this.#database.transaction(async (db) => {
      const { status } = await this.#row(db, id);
      if (isFinal(status))
        throw new HearthError("conflict", `job ${id} is ${status}; its priority means nothing any more`, {
          details: { job_id: id, status },
        });
      await db.updateTable("jobs").set({ priority, updated_at: this.#now() }).where("id", "=", id).execute();
      return presentJob(await this.#row(db, id));
    });
  }

  /** Adds what a guard did; null when it is known: a resumed trainer comes by the same steps again. */
  async addGuard(id: string, guard: JobGuard): Promise<TrainingJob | null> {
    return this.#database.transaction(async (db) => {
      const row = await this.#row(db, id);
      const guards = guardsOf(row);
      const known = guards.some(
        ({ kind, action, step }) =>
          kind === guard.kind && action === guard.action && step !== null && step === guard.step,
      );
      if (known) return null;
      const kept = [...guards, guard].slice(-keptGuards);
      await db
        .updateTable("jobs")
        .set({ guards: JSON.stringify(kept), updated_at: this.#now() })
        .where("id", "=", id)
        .execute();
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
          `job ${id} is ${statusOf(row)}; '${change}' is not possible ${isFinal(row.status) ? "any more" : "now"}`,
          { details: { job_id: id, status: statusOf(row) } },
        );
      }
      return { job: presentJob(await this.#row(db, id)), before: statusOf(row), after };
    });
  }

  /** What people want of a running job, whichever hub they told it to. */
  async wishes(id: string): Promise<{ cancel: boolean; pause: boolean }> {
    const { db } = this.#database;
    const row = await db
      .selectFrom("jobs")
      .select(["cancel_requested", "pause_requested"])
      .where("id", "=", id)
      .executeTakeFirst();
    const queue = await readQueueState(db);
    return {
      cancel: row?.cancel_requested === 1,
      pause: row?.pause_requested === 1 || (queue.paused && queue.running === "pause"),
    };
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
    const waiting = after.status === "queued" || after.status === "paused";
    const ended = isFinal(after.status);
    // Why a job was lost is not an error of a job that is tried again.
    if (after.status !== "failed") delete more.error;
    const { numUpdatedRows } = await db
      .updateTable("jobs")
      .set({
        status: after.status === "paused" ? "queued" : after.status,
        pause_requested: after.status === "paused" || after.pauseRequested ? 1 : 0,
        attempt: after.attempt,
        cancel_requested: after.cancelRequested ? 1 : 0,
        updated_at: now,
        ...(waiting || ended ? { pid: null } : {}),
        ...(ended ? { finished_at: now } : {}),
        ...more,
      })
      .where("id", "=", row.id)
      .where("status", "=", row.status)
      .where("pause_requested", "=", row.pause_requested)
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

  #find(db: Queries, id: string): Promise<JobRow | undefined> {
    return withNames(db.selectFrom("jobs").where("jobs.id", "=", id)).executeTakeFirst();
  }

  async #row(db: Queries, id: string): Promise<JobRow> {
    const row = await this.#find(db, id);
    if (row === undefined) throw noJob(id);
    return row;
  }
}

/** Of one job, the newest: a run that goes wrong in a hundred ways is known well enough. */
const keptGuards = 100;
