import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { JobProgress, TrainingJob } from "@hearth/wire/hub/training";
import { translateWriteError } from "../artifacts/fs/errors.ts";
import { HearthError, serialiseError } from "../errors.ts";
import { readProcess } from "../process/readings.ts";
import { runAttempt } from "./attempt.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { checkInputs, withRealPaths } from "./attempt-inputs.ts";
import { memoryError } from "./checks/check-resources.ts";
import { completeFromArchive, completeJob } from "./completion.ts";
import type { CompletionDependencies } from "./completion.ts";
import { keepResult, readResult } from "./delivered-result.ts";
import { GuardRecorder } from "./guards.ts";
import { ProgressRecorder } from "./progress-recorder.ts";
import type { QueuedJob } from "./queue.ts";
import { messageOf } from "./scheduler-options.ts";
import type { ActiveJob, SchedulerDependencies, SchedulerOptions } from "./scheduler-options.ts";
import { SystemMetrics } from "./system-metrics.ts";

type Concluded = Exclude<AttemptOutcome, { kind: "result" }> | { kind: "completed" };

export interface JobWorkerOptions extends SchedulerOptions {
  heartbeatTimeoutMs: number;
  /** Aborted when the hub stops. */
  stop: AbortSignal;
  /** Jobs that run now, this one included. */
  activeJobs: () => number;
}

/** How often memory is asked for again while others use it. */
const memoryPollMs = 1_000;
/** A step of a large model on a slow machine, and its checkpoint. */
const defaultPauseGraceMs = 600_000;

/** Runs one attempt at one job in a trainer process, to a state that is written down. */
export class JobWorker {
  readonly #dependencies: SchedulerDependencies;
  readonly #options: JobWorkerOptions;

  constructor(dependencies: SchedulerDependencies, options: JobWorkerOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
  }

  /** The job after the attempt. */
  async work(job: QueuedJob, active: ActiveJob): Promise<TrainingJob> {
    const { memory, disk, queue, runs, events, jobLog } = this.#dependencies;
    await using guards = new GuardRecorder({
      queue,
      runs,
      events,
      jobLog,
      jobId: job.id,
      runId: job.runId,
      onFailed: (error) =>
        this.#options.log("warn", `a guard was not written down: ${messageOf(error)}`, { job_id: job.id }),
    });
    active.guards = guards;
    try {
      const outcome = await this.#attempt(job, active, guards);
      // Who hears of the end finds what the guards did.
      await guards.written();
      return await this.#conclude(job, outcome);
    } finally {
      active.guards = null;
      memory.release(job.id);
      disk.release(job.id);
    }
  }

  async #conclude(job: QueuedJob, outcome: Concluded): Promise<TrainingJob> {
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

  async #attempt(job: QueuedJob, active: ActiveJob, guards: GuardRecorder): Promise<Concluded> {
    const { artifacts } = this.#dependencies;
    const { stop } = this.#options;
    const [cancel, pause] = [active.cancel.signal, active.pause.signal];
    const signal = AbortSignal.any([cancel, pause, stop]);
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
        const memoryLimitBytes = await this.#reserveResources(job, folder, signal, guards);
        await checkInputs(job.kind, job.specification.inputs, artifacts, signal);
        const provenance = await this.#dependencies.provenance();
        const outcome = await this.#train(job, { folder, memoryLimitBytes }, active, guards);
        if (outcome.kind !== "result") return outcome;
        delivered = { result: outcome.result, provenance };
        await keepResult(folder, delivered);
      }
      await completeJob(completion, job, folder, delivered, signal);
      return { kind: "completed" };
    } catch (error) {
      if (cancel.aborted) return { kind: "cancelled" };
      if (stop.aborted || pause.aborted) return { kind: "released" };
      // An engine that was killed while it checked the export says nothing about the export.
      if (error instanceof HearthError && error.details["crashed"] === true)
        return { kind: "lost", reason: error.message };
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
    { folder, memoryLimitBytes }: { folder: string; memoryLimitBytes: number },
    active: ActiveJob,
    guards: GuardRecorder,
  ): Promise<AttemptOutcome> {
    const { database, queue, runs, samples, events, artifacts, pace, trainers } = this.#dependencies;
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
        threads: job.specification.trainer.parameters.threads ?? this.#threads,
        memoryLimitBytes,
      },
      logFile: join(options.logsFolder, `trainer-${job.id}.log`),
      recordsFolder: options.recordsFolder,
      readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs,
      cancelGraceMs: options.cancelGraceMs ?? 2_000,
      releaseGraceMs: options.releaseGraceMs ?? 5_000,
      pauseGraceMs: options.pauseGraceMs ?? defaultPauseGraceMs,
      cancel: AbortSignal.any([active.cancel.signal, abandoned.signal]),
      release: options.stop,
      pause: active.pause.signal,
      followPace: (tell) => pace.follow(tell),
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
      onGuard(guard, wentBackTo) {
        if (wentBackTo !== null) recorder.rewind(wentBackTo);
        guards.record(guard.kind === "sleep" ? { ...guard, step: active.progress.step } : guard);
      },
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

  /** Each of the jobs that may run has its part of them: threads that wait for a core slow all down. */
  get #threads(): number {
    const { threads, concurrency = 1 } = this.#options;
    return Math.max(1, Math.floor(threads / concurrency));
  }

  /** The memory that this attempt may use; waits while others use it. @throws HearthError `resource_exhausted` with the numbers */
  async #reserveResources(
    job: QueuedJob,
    folder: string,
    signal: AbortSignal,
    guards: GuardRecorder,
  ): Promise<number> {
    const { memoryBytes, diskBytes } = job.specification;
    const { memory, disk, events } = this.#dependencies;
    const wait = (line: string) => events.publish(job.id, { type: "log", line });
    try {
      await disk.reserve(job.id, { bytes: diskBytes, folder }, signal, wait);
    } catch (error) {
      if (error instanceof HearthError && error.code === "resource_exhausted")
        guards.record({ kind: "disk", action: "refused", step: null, message: error.message });
      throw error;
    }
    for (let turn = 0; ; turn++) {
      const budget = memory.budgetBytes();
      if (memoryBytes > budget) {
        const error = memoryError(memoryBytes, budget);
        guards.record({ kind: "memory", action: "refused", step: null, message: error.message });
        throw error;
      }
      const available = await memory.makeRoom(memoryBytes, job.id);
      if (memoryBytes <= available) return Math.max(memoryBytes, this.#shareOf(available));
      if (turn === 0)
        wait(`waits for memory: needs about ${memoryBytes} bytes, ${available} are free of ${budget}`);
      await delay(memoryPollMs, null, { signal });
    }
  }

  /** What is free is also for the jobs that may still begin beside this one. */
  #shareOf(available: number): number {
    const { concurrency = 1, activeJobs } = this.#options;
    return Math.floor(available / Math.max(1, concurrency - activeJobs() + 1));
  }
}
