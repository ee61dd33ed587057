import type { TrainingJob } from "@hearth/wire/hub/training";
import type { SerialisedError } from "../errors.ts";
import type { TrainingRooms } from "./dependencies.ts";
import type { JobEvents } from "./events.ts";
import { isFinal } from "./job-state.ts";
import type { JobChange } from "./job-state.ts";
import type { JobOutcome, JobQueue } from "./queue.ts";

/**
 * The ends of a job, each in one transaction with its version and its run, and told to its
 * followers when it is on disk.
 */
export class JobLifecycle {
  readonly #rooms: Pick<TrainingRooms, "database" | "registry" | "runs">;
  readonly #queue: JobQueue;
  readonly #events: JobEvents;

  constructor(
    rooms: Pick<TrainingRooms, "database" | "registry" | "runs">,
    queue: JobQueue,
    events: JobEvents,
  ) {
    this.#rooms = rooms;
    this.#queue = queue;
    this.#events = events;
  }

  /** Tells followers the state that is in the database. */
  async announce(jobId: string): Promise<TrainingJob> {
    const job = await this.#queue.get(jobId);
    this.#events.publish(jobId, { type: "status", job });
    return job;
  }

  /** `also` runs in the same transaction: what else must be true when the job is completed. */
  complete(jobId: string, outcome: JobOutcome, also: () => Promise<void>): Promise<TrainingJob> {
    return this.#change(jobId, "complete", outcome, also);
  }

  fail(jobId: string, error: SerialisedError): Promise<TrainingJob> {
    return this.#change(jobId, "fail", { error });
  }

  cancelled(jobId: string): Promise<TrainingJob> {
    return this.#change(jobId, "cancelled", {});
  }

  release(jobId: string): Promise<TrainingJob> {
    return this.#change(jobId, "release", {});
  }

  /** Back to the queue while there are retries left, else failed with the reason. */
  async lost(jobId: string, reason: string): Promise<TrainingJob> {
    return this.#change(jobId, "lost", {
      error: { code: "training_failed", message: reason, details: {} },
    });
  }

  /** A queued job waits from now on, a running one is marked. */
  requestPause(jobId: string): Promise<TrainingJob> {
    return this.#change(jobId, "pause", {});
  }

  /** Back into its place, to be taken when its turn comes. */
  resume(jobId: string): Promise<TrainingJob> {
    return this.#change(jobId, "resume", {});
  }

  /** A queued job is cancelled at once, a running one is marked. */
  requestCancel(jobId: string): Promise<TrainingJob> {
    return this.#change(jobId, "cancel", {});
  }

  async #change(
    jobId: string,
    change: JobChange,
    outcome: JobOutcome,
    also?: () => Promise<void>,
  ): Promise<TrainingJob> {
    const job = await this.#rooms.database.transaction(async () => {
      const applied = await this.#queue.apply(jobId, change, outcome);
      await also?.();
      if (isFinal(applied.after) && applied.before !== applied.after) await this.#settle(applied.job);
      return applied.job;
    });
    this.#events.publish(jobId, { type: "status", job });
    return job;
  }

  /** What a final state means for the version (of a repetition: nothing) and the run. */
  async #settle(job: TrainingJob): Promise<void> {
    const { registry, runs } = this.#rooms;
    if (job.status === "completed") {
      await runs.finishRun(job.run_id, "FINISHED");
      return;
    }
    const cancelled = job.status === "cancelled";
    await runs.finishRun(job.run_id, cancelled ? "KILLED" : "FAILED");
    if (job.kind !== "train") return;
    await registry.markFailed(
      job.version_id,
      cancelled
        ? { code: "cancelled", message: "its training was cancelled" }
        : (job.error ?? { code: "training_failed", message: "its training failed" }),
    );
  }
}
