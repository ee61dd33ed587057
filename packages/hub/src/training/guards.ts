import type { JobGuard } from "@hearth/wire/hub/training-queue";
import type { TrainingRooms } from "./dependencies.ts";
import type { JobEvents } from "./events.ts";
import type { JobLog } from "./job-log.ts";
import type { JobQueue } from "./queue.ts";

export interface GuardRecorderOptions {
  queue: JobQueue;
  runs: Pick<TrainingRooms["runs"], "setTags">;
  events: JobEvents;
  jobLog: JobLog;
  jobId: string;
  runId: string;
  /** A guard that could not be written down. The job goes on. */
  onFailed: (error: unknown) => void;
}

/** Steps that a tag names; the job has them all. */
const namedSteps = 40;

/** Writes down what guards did: with the job, as tags of its run, in its log, and to everybody who follows it. */
export class GuardRecorder implements AsyncDisposable {
  readonly #options: GuardRecorderOptions;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: GuardRecorderOptions) {
    this.#options = options;
  }

  record(guard: Omit<JobGuard, "at">): void {
    const told: JobGuard = { ...guard, message: guard.message.slice(0, 1000), at: new Date().toISOString() };
    this.#writing = this.#writing.then(() => this.#write(told)).catch(this.#options.onFailed);
  }

  /** Waits until all is written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.written();
  }

  async #write(guard: JobGuard): Promise<void> {
    const { queue, runs, events, jobLog, jobId, runId } = this.#options;
    const job = await queue.addGuard(jobId, guard);
    if (job === null) return;
    const line = `guard ${guard.kind} (${guard.action}): ${guard.message}`;
    jobLog.append(jobId, line);
    events.publish(jobId, { type: "log", line });
    events.publish(jobId, { type: "guard", guard });
    const steps = job.guards.flatMap(({ kind, step }) =>
      kind === guard.kind && step !== null ? [step] : [],
    );
    await runs.setTags(runId, {
      [`hearth.guard.${guard.kind}`]: guard.message,
      ...(steps.length === 0
        ? {}
        : { [`hearth.guard.${guard.kind}.steps`]: steps.slice(-namedSteps).join(", ") }),
    });
  }
}
