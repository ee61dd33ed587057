import { killOrphans } from "../process/orphans.ts";
import { isFinal } from "./job-state.ts";
import { JobWorker } from "./job-worker.ts";
import { pruneLogs } from "./prune-logs.ts";
import type { QueuedJob } from "./queue.ts";
import { messageOf } from "./scheduler-options.ts";
import type { ActiveJob, SchedulerDependencies, SchedulerOptions } from "./scheduler-options.ts";
import { removeAbandonedFolders, removeJobFiles } from "./job-files.ts";
import { colderBy, type HeatReading } from "./pace.ts";
import { SteadyClock } from "./steady-clock.ts";
import { noProgress } from "./trainers/trainer.ts";

export type { SchedulerDependencies, SchedulerOptions } from "./scheduler-options.ts";

/**
 * Takes jobs by their priority and their place, as many at a time as are allowed, and runs each in a trainer
 * process. Every way a job can end is written down before the next one is taken; disposing gives running jobs
 * back to the queue.
 */
export class Scheduler implements AsyncDisposable {
  readonly #dependencies: SchedulerDependencies;
  readonly #options: SchedulerOptions;
  readonly #worker: JobWorker;
  readonly #clock: SteadyClock;
  readonly #stop = new AbortController();
  readonly #active = new Map<string, ActiveJob & { done: Promise<void> }>();
  #wake: () => void = () => undefined;
  #awake = false;
  #failedBefore = false;
  #running: Promise<void> | null = null;

  constructor(dependencies: SchedulerDependencies, options: SchedulerOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    this.#clock = new SteadyClock(this.#leaseMs);
    this.#worker = new JobWorker(dependencies, {
      ...options,
      heartbeatTimeoutMs: this.#heartbeatTimeoutMs,
      stop: this.#stop.signal,
      activeJobs: () => this.#active.size,
    });
  }

  /** Ends what an earlier hub left behind, puts its jobs back, and begins. */
  async start(): Promise<void> {
    const { recordsFolder, exclusive, log } = this.#options;
    for (const orphan of await killOrphans(recordsFolder)) {
      log("warn", "a trainer of an earlier hub was still running and was ended", { pid: orphan.pid });
    }
    await this.#recover(exclusive ? null : this.#leaseMs);
    await removeAbandonedFolders(this.#dependencies, exclusive).catch((error: unknown) =>
      log("warn", `folders of jobs that have ended could not be removed: ${messageOf(error)}`, {}),
    );
    await this.#pruneLogs();
    this.#running = this.#run();
  }

  /** There may be work. */
  wake(): void {
    this.#awake = true;
    this.#wake();
  }

  /** Ends the attempt of this job if it is in work here. */
  cancel(jobId: string): void {
    this.#active.get(jobId)?.cancel.abort();
  }

  /** Lets the trainer of this job, or of all, leave a checkpoint and end. */
  pause(jobId?: string): void {
    for (const job of this.#active.values()) if (jobId === undefined || job.id === jobId) job.pause.abort();
  }

  get activeJobIds(): string[] {
    return [...this.#active.keys()];
  }

  /** Writes down with each job in work that it waits for the machine to cool, or goes on. */
  cooldown(limit: number | null, reading: HeatReading, ended: { afterMs: number } | null): void {
    const action = ended === null ? "waited" : "continued";
    const message = ended === null ? heatWords(limit, reading) : cooledWords(ended.afterMs, reading);
    for (const { progress, guards } of this.#active.values())
      guards?.record({ kind: "cooldown", action, step: progress.step, message });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#running;
    await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  get #heartbeatTimeoutMs(): number {
    return this.#options.heartbeatTimeoutMs ?? 60_000;
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? this.#heartbeatTimeoutMs;
  }

  get #pollMs(): number {
    return Math.min(this.#options.pollMs ?? 5_000, this.#leaseMs / 2);
  }

  async #run(): Promise<void> {
    const { queue } = this.#dependencies;
    const { exclusive, concurrency = 1 } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        // After a failure a job may be left running in the database that nobody works on.
        if (!exclusive && this.#clock.isSteady()) await this.#recover(this.#leaseMs);
        else if (exclusive && this.#failedBefore) await this.#recover(null);
        this.#failedBefore = false;
        while (this.#active.size < concurrency && !this.#stop.signal.aborted) {
          const job = await queue.lease(concurrency);
          if (job === null) break;
          this.#begin(job);
        }
      } catch (error) {
        this.#failed(error);
      }
      await this.#idle();
    }
  }

  /** The database is out of reach or its disk is full: the jobs are safe in it, so try again later. */
  #failed(error: unknown): void {
    this.#failedBefore = true;
    this.#options.log("error", `the job queue cannot be read or written: ${messageOf(error)}`, {});
  }

  async #idle(): Promise<void> {
    if (this.#awake) {
      this.#awake = false;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#pollMs);
    await promise;
    clearTimeout(timer);
    this.#awake = false;
  }

  async #recover(silentMs: number | null): Promise<void> {
    const { queue, lifecycle, artifacts } = this.#dependencies;
    for (const job of await queue.running(silentMs)) {
      if (this.#active.has(job.id)) continue;
      const after = await lifecycle.lost(
        job.id,
        "its trainer or its hub was ended from outside, more often than is tried again",
      );
      this.#options.log("warn", `job ${job.id} had lost its trainer; it is ${after.status} now`, {
        job_id: job.id,
        attempt: after.attempt,
      });
      if (isFinal(after.status)) await removeJobFiles(artifacts, after);
    }
  }

  #begin(job: QueuedJob): void {
    const active: ActiveJob = {
      id: job.id,
      cancel: new AbortController(),
      pause: new AbortController(),
      progress: noProgress,
      guards: null,
    };
    const done = this.#work(job, active).then(
      () => {
        this.#active.delete(job.id);
        this.wake();
      },
      (error: unknown) => {
        this.#active.delete(job.id);
        this.#failed(error);
      },
    );
    // The worker changes the progress of what it was given.
    this.#active.set(job.id, Object.assign(active, { done }));
  }

  /** One attempt at one job, to a state that is written down. */
  async #work(job: QueuedJob, active: ActiveJob): Promise<void> {
    const { queue, lifecycle, artifacts } = this.#dependencies;
    const { log } = this.#options;
    const look = async (): Promise<void> => {
      // What was wanted before it could be delivered, or of another hub.
      const wishes = await queue.wishes(job.id);
      if (wishes.cancel) active.cancel.abort();
      if (wishes.pause) active.pause.abort();
    };
    const alive = setInterval(() => {
      Promise.all([queue.heartbeat(job.id, {}), look()]).catch((error: unknown) =>
        log("warn", `a heartbeat was not written: ${messageOf(error)}`, { job_id: job.id }),
      );
    }, this.#leaseMs / 4);
    try {
      await lifecycle.announce(job.id);
      log("info", `job ${job.id} begins`, { job_id: job.id, attempt: job.attempt });
      await look();
      const after = await this.#worker.work(job, active);
      log(after.status === "failed" ? "error" : "info", `job ${job.id} is ${after.status}`, {
        job_id: job.id,
        ...(after.error === null ? {} : { reason: after.error.message }),
      });
      if (isFinal(after.status)) await removeJobFiles(artifacts, after);
    } finally {
      clearInterval(alive);
    }
    await this.#pruneLogs();
  }

  /** What cannot be removed is tried again after the next job. */
  async #pruneLogs(): Promise<void> {
    const { logsFolder, log } = this.#options;
    try {
      await pruneLogs(logsFolder, await this.#dependencies.queue.ids());
    } catch (error) {
      log("warn", `old logs of jobs could not be removed: ${messageOf(error)}`, {});
    }
  }
}

function heatWords(limit: number | null, { celsius }: HeatReading): string {
  return celsius === null
    ? "the system slows the machine down for its heat: waits between steps for as long as it does"
    : `${celsius} °C, above ${limit} °C: waits between steps until it is ${colderBy} °C colder`;
}

function cooledWords(afterMs: number, { celsius }: HeatReading): string {
  const now = celsius === null ? "" : `, at ${celsius} °C`;
  return `goes on after ${Math.round(afterMs / 1000)} s of cooling${now}`;
}
