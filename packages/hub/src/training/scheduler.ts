import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { JobProgress } from "@hearth/wire/hub/training";
import { translateWriteError } from "../artifacts/fs/errors.ts";
import { serialiseError } from "../errors.ts";
import { killOrphans } from "../process/orphans.ts";
import { readProcess } from "../process/readings.ts";
import { runAttempt } from "./attempt.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { checkInputs, requireDisk, withRealPaths } from "./attempt-inputs.ts";
import { completeFromArchive, completeJob } from "./completion.ts";
import type { CompletionDependencies } from "./completion.ts";
import { keepResult, readResult } from "./delivered-result.ts";
import type { TrainingRooms } from "./dependencies.ts";
import type { JobEvents } from "./events.ts";
import { memoryError } from "./check-job.ts";
import type { JobLog } from "./job-log.ts";
import type { JobLifecycle } from "./lifecycle.ts";
import { pruneLogs } from "./prune-logs.ts";
import type { ReadProvenance } from "./provenance.ts";
import { ProgressRecorder } from "./progress-recorder.ts";
import type { JobQueue, QueuedJob } from "./queue.ts";
import type { TrainingSamples } from "./samples.ts";
import { SystemMetrics } from "./system-metrics.ts";
import { noProgress } from "./trainers/trainer.ts";
import type { Trainers } from "./trainers/trainers.ts";

export interface SchedulerOptions {
  threads: number;
  /** Folder of the trainers' logs, one file a job. */
  logsFolder: string;
  /** Where running trainers are written down. */
  recordsFolder: string;
  /**
   * True when no other hub uses the database: whatever it says is running at the start is not.
   * Otherwise only what gave no sign of life for the heartbeat timeout.
   */
  exclusive: boolean;
  heartbeatTimeoutMs?: number;
  cancelGraceMs?: number;
  releaseGraceMs?: number;
  readyTimeoutMs?: number;
  /** Progress is written to the database at most this often. */
  progressIntervalMs?: number;
  /** How often the queue is looked at without being called: for work of other hubs, and for memory that became free. */
  pollMs?: number;
  /** For the hub's own log. */
  log: (level: "info" | "warn" | "error", message: string, facts: Record<string, unknown>) => void;
  /** For metrics: every progress of a running job. */
  onProgress?: (jobId: string, progress: JobProgress) => void;
}

export interface SchedulerDependencies extends Pick<
  TrainingRooms,
  "database" | "registry" | "runs" | "artifacts" | "memory" | "verifyExport" | "describeModelFile"
> {
  queue: JobQueue;
  events: JobEvents;
  lifecycle: JobLifecycle;
  jobLog: JobLog;
  samples: TrainingSamples;
  provenance: ReadProvenance;
  trainers: Trainers;
}

interface ActiveJob {
  id: string;
  cancel: AbortController;
  progress: JobProgress;
}

/** How often memory is asked for again while others use it. */
const memoryPollMs = 1_000;

/**
 * Takes jobs one after the other, oldest first, and runs each in a trainer process. Every way a
 * job can end is written down before the next one is taken; disposing gives the running job
 * back to the queue.
 */
export class Scheduler implements AsyncDisposable {
  readonly #dependencies: SchedulerDependencies;
  readonly #options: SchedulerOptions;
  readonly #stop = new AbortController();
  #wake: () => void = () => undefined;
  #awake = false;
  #active: ActiveJob | null = null;
  #running: Promise<void> | null = null;

  constructor(dependencies: SchedulerDependencies, options: SchedulerOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
  }

  /** Ends what an earlier hub left behind, puts its job back, and begins. */
  async start(): Promise<void> {
    for (const orphan of await killOrphans(this.#options.recordsFolder)) {
      this.#options.log("warn", "a trainer of an earlier hub was still running and was ended", {
        pid: orphan.pid,
      });
    }
    await this.#recover(this.#options.exclusive ? null : this.#heartbeatTimeoutMs);
    await this.#pruneLogs();
    this.#running = this.#run();
  }

  /** There may be work. */
  wake(): void {
    this.#awake = true;
    this.#wake();
  }

  /** Ends the attempt of this job if it is the active one. */
  cancel(jobId: string): void {
    if (this.#active?.id === jobId) this.#active.cancel.abort();
  }

  get activeJobId(): string | null {
    return this.#active?.id ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#running;
  }

  get #heartbeatTimeoutMs(): number {
    return this.#options.heartbeatTimeoutMs ?? 60_000;
  }

  async #run(): Promise<void> {
    let failedBefore = false;
    while (!this.#stop.signal.aborted) {
      try {
        // After a failure a job may be left running in the database that nobody works on.
        if (!this.#options.exclusive) await this.#recover(this.#heartbeatTimeoutMs);
        else if (failedBefore) await this.#recover(null);
        failedBefore = false;
        const job = await this.#dependencies.queue.lease();
        if (job === null) await this.#idle();
        else await this.#work(job);
      } catch (error) {
        // The database is out of reach or its disk is full: the jobs are safe in it, so try again later.
        failedBefore = true;
        this.#options.log("error", `the job queue cannot be read or written: ${messageOf(error)}`, {});
        await this.#idle();
      }
    }
  }

  async #idle(): Promise<void> {
    if (this.#awake) {
      this.#awake = false;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#options.pollMs ?? 5_000);
    await promise;
    clearTimeout(timer);
    this.#awake = false;
  }

  async #recover(silentMs: number | null): Promise<void> {
    const { queue, lifecycle, artifacts } = this.#dependencies;
    for (const job of await queue.running(silentMs)) {
      if (job.id === this.#active?.id) continue;
      const after = await lifecycle.lost(
        job.id,
        "its trainer or its hub was ended from outside, more often than is tried again",
      );
      this.#options.log("warn", `job ${job.id} had lost its trainer; it is ${after.status} now`, {
        job_id: job.id,
        attempt: after.attempt,
      });
      if (after.status !== "queued") await artifacts.removeJobFolder(job.id);
    }
  }

  /** One attempt at one job, to a state that is written down. */
  async #work(job: QueuedJob): Promise<void> {
    const { queue, lifecycle, artifacts } = this.#dependencies;
    const active: ActiveJob = { id: job.id, cancel: new AbortController(), progress: noProgress };
    this.#active = active;
    const alive = setInterval(() => {
      queue
        .heartbeat(job.id, {})
        .catch((error: unknown) =>
          this.#options.log("warn", `a heartbeat was not written: ${messageOf(error)}`, { job_id: job.id }),
        );
    }, this.#heartbeatTimeoutMs / 4);
    try {
      await lifecycle.announce(job.id);
      this.#options.log("info", `job ${job.id} begins`, { job_id: job.id, attempt: job.attempt });
      // A cancel may have come between the lease and the moment it could be delivered.
      if (await queue.isCancelRequested(job.id)) active.cancel.abort();
      const outcome = await this.#attempt(job, active);
      const after = await this.#conclude(job, outcome);
      this.#options.log(after.status === "failed" ? "error" : "info", `job ${job.id} is ${after.status}`, {
        job_id: job.id,
        ...(after.error === null ? {} : { reason: after.error.message }),
      });
      if (after.status !== "queued") await artifacts.removeJobFolder(job.id);
      if (job.kind === "train" && (after.status === "failed" || after.status === "cancelled"))
        await artifacts.removeArchive(job.versionId);
    } finally {
      clearInterval(alive);
      this.#active = null;
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

  async #conclude(
    job: QueuedJob,
    outcome: Exclude<AttemptOutcome, { kind: "result" }> | { kind: "completed" },
  ) {
    const { lifecycle, queue } = this.#dependencies;
    switch (outcome.kind) {
      case "completed":
        return queue.get(job.id);
      case "cancelled":
        return lifecycle.cancelled(job.id);
      case "released":
        return lifecycle.release(job.id);
      case "failed":
        return lifecycle.fail(job.id, outcome.error);
      case "lost":
        return lifecycle.lost(job.id, `${outcome.reason} (attempt ${job.attempt} of ${job.maxRetries + 1})`);
    }
  }

  async #attempt(
    job: QueuedJob,
    active: ActiveJob,
  ): Promise<Exclude<AttemptOutcome, { kind: "result" }> | { kind: "completed" }> {
    const { artifacts } = this.#dependencies;
    const cancel = active.cancel.signal;
    const signal = AbortSignal.any([cancel, this.#stop.signal]);
    try {
      const completion: CompletionDependencies = {
        ...this.#dependencies,
        compareLogFile: join(this.#options.logsFolder, "compare.log"),
        onPhase: (phase) => this.#showPhase(active, phase),
      };
      if (await completeFromArchive(completion, job)) return { kind: "completed" };
      const folder = await artifacts.jobFolder(job.id);
      let delivered = await readResult(folder);
      if (delivered === null) {
        const memoryLimitBytes = await this.#reserveResources(job, folder, signal);
        if (job.kind === "reproduce") await checkInputs(job.specification.inputs, artifacts, signal);
        const provenance = await this.#dependencies.provenance();
        const outcome = await this.#train(job, folder, memoryLimitBytes, active);
        if (outcome.kind !== "result") return outcome;
        delivered = { result: outcome.result, provenance };
        await keepResult(folder, delivered);
      }
      await completeJob(completion, job, folder, delivered, signal);
      return { kind: "completed" };
    } catch (error) {
      if (cancel.aborted) return { kind: "cancelled" };
      if (this.#stop.signal.aborted) return { kind: "released" };
      return { kind: "failed", error: serialiseError(translateWriteError(error, "the job's files")) };
    }
  }

  async #showPhase(active: ActiveJob, phase: JobProgress["phase"]): Promise<void> {
    active.progress = { ...active.progress, phase, seconds_left: null };
    this.#dependencies.events.publish(active.id, { type: "progress", progress: active.progress });
    await this.#dependencies.queue.heartbeat(active.id, { progress: JSON.stringify(active.progress) });
  }

  async #train(
    job: QueuedJob,
    folder: string,
    memoryLimitBytes: number,
    active: ActiveJob,
  ): Promise<AttemptOutcome> {
    const { database, queue, runs, samples, events, artifacts, trainers } = this.#dependencies;
    const { name, reason } = job.specification.choice;
    const launch = trainers.named(name).launch();
    const options = this.#options;
    await using recorder = new ProgressRecorder({
      database,
      queue,
      runs,
      samples,
      onSample: (sample) => events.publish(job.id, { type: "sample", sample }),
      jobId: job.id,
      runId: job.runId,
      intervalMs: options.progressIntervalMs ?? 500,
    });
    // After the trainer: it ends first, and the last reading is of the machine that it leaves.
    await using watching = new AsyncDisposableStack();
    const writeFailed = recorder.failed;
    const abandoned = new AbortController();
    writeFailed.catch(() => abandoned.abort());
    const say = (line: string): void => {
      this.#dependencies.jobLog.append(job.id, line);
      events.publish(job.id, { type: "log", line });
    };
    say(`Trainer ${name}: ${reason}.`);
    const outcome = await runAttempt({
      launch,
      specification: withRealPaths(job.specification.trainer, artifacts),
      attempt: {
        folder,
        threads: job.specification.trainer.parameters.threads ?? options.threads,
        memoryLimitBytes,
      },
      logFile: join(options.logsFolder, `trainer-${job.id}.log`),
      recordsFolder: options.recordsFolder,
      readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
      heartbeatTimeoutMs: this.#heartbeatTimeoutMs,
      cancelGraceMs: options.cancelGraceMs ?? 2_000,
      releaseGraceMs: options.releaseGraceMs ?? 5_000,
      cancel: AbortSignal.any([active.cancel.signal, abandoned.signal]),
      release: this.#stop.signal,
      onStart: (pid) => {
        if (job.specification.systemMetrics) watching.use(this.#watchSystem(job, pid));
        queue.heartbeat(job.id, { pid }).catch((error: unknown) =>
          options.log("warn", `the trainer's pid was not written down: ${messageOf(error)}`, {
            job_id: job.id,
          }),
        );
      },
      onProgress(progress, metrics) {
        recorder.record(progress, metrics);
        if (progress === null) return;
        active.progress = progress;
        events.publish(job.id, { type: "progress", progress });
        options.onProgress?.(job.id, progress);
      },
      onSample: (sample) => recorder.recordSample(sample),
      onLog: say,
    });
    await recorder.flush();
    // What could not be recorded is not a training that went well.
    if (abandoned.signal.aborted) await writeFailed;
    return outcome;
  }

  #watchSystem(job: QueuedJob, pid: number): SystemMetrics {
    const { database, runs } = this.#dependencies;
    return new SystemMetrics({
      database,
      runs,
      runId: job.runId,
      readProcess: () => readProcess(pid),
      onFailed: (error) =>
        this.#options.log("warn", `system metrics were not written: ${messageOf(error)}`, { job_id: job.id }),
    });
  }

  /** The memory that this attempt may use; waits while others use it. @throws HearthError `resource_exhausted` with the numbers */
  async #reserveResources(job: QueuedJob, folder: string, signal: AbortSignal): Promise<number> {
    const { memoryBytes, diskBytes } = job.specification;
    const { memory, events } = this.#dependencies;
    await requireDisk(diskBytes, folder);
    for (let turn = 0; ; turn++) {
      const budget = memory.budgetBytes();
      if (memoryBytes > budget) throw memoryError(memoryBytes, budget);
      const available = await memory.makeRoom(memoryBytes);
      if (memoryBytes <= available) return available;
      if (turn === 0) {
        events.publish(job.id, {
          type: "log",
          line: `waits for memory: needs about ${memoryBytes} bytes, ${available} are free of ${budget}`,
        });
      }
      await delay(memoryPollMs, null, { signal });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
