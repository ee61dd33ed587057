import type { TrainingJob, TrainingQueue } from "@hearth/wire/hub/training";
import type { Database } from "../storage/database.ts";
import type { TrainingArtifacts } from "./dependencies.ts";
import type { DiskReservations } from "./disk-reservations.ts";
import type { JobEvents } from "./events.ts";
import { removeJobFiles } from "./job-files.ts";
import { isFinal } from "./job-state.ts";
import type { JobLifecycle } from "./lifecycle.ts";
import type { HeatReading, TrainingPace } from "./pace.ts";
import type { JobQueue } from "./queue.ts";
import { readQueueState, writeQueueState } from "./queue-state.ts";

export interface JobControlDependencies {
  database: Database;
  queue: JobQueue;
  events: JobEvents;
  lifecycle: JobLifecycle;
  artifacts: TrainingArtifacts;
  pace: TrainingPace;
  disk: DiskReservations;
  concurrency: number;
  readMachine: () => Promise<HeatReading & { watts: number | null }>;
  /** Called when there may be work. */
  wakeScheduler: () => void;
  /** Called when a running job is to be cancelled. */
  cancelRunning: (jobId: string) => void;
  /** Called when a running job, or all of them, are to leave a checkpoint and end. */
  pauseRunning: (jobId?: string) => void;
}

/** What a person does to jobs that are there, and to the queue as a whole. */
export interface JobControl {
  /** @throws HearthError `conflict` when the job has ended already */
  cancel(id: string): Promise<TrainingJob>;
  /** A running job leaves a checkpoint, frees its memory and keeps its place. @throws HearthError `conflict`, `not_found` */
  pause(id: string): Promise<TrainingJob>;
  /** @throws HearthError `conflict` when the job is not paused, `not_found` */
  resume(id: string): Promise<TrainingJob>;
  /** @throws HearthError `conflict` when the job has ended, `not_found` */
  prioritize(id: string, priority: number): Promise<TrainingJob>;
  queue(): Promise<TrainingQueue>;
  /** No job begins until the queue is resumed; running ones leave a checkpoint and wait, or run to their ends. */
  pauseQueue(running: "pause" | "finish"): Promise<TrainingQueue>;
  resumeQueue(): Promise<TrainingQueue>;
}

const shownJobs = 200;

export function createJobControl(dependencies: JobControlDependencies): JobControl {
  const { database, queue, events, lifecycle, artifacts, wakeScheduler } = dependencies;
  return {
    async cancel(id) {
      const job = await lifecycle.requestCancel(id);
      if (job.status === "running") dependencies.cancelRunning(id);
      // One that waited may have files of an earlier attempt.
      if (isFinal(job.status)) await removeJobFiles(artifacts, job);
      return job;
    },
    async pause(id) {
      const job = await lifecycle.requestPause(id);
      if (job.status === "running") dependencies.pauseRunning(id);
      return job;
    },
    async resume(id) {
      const job = await lifecycle.resume(id);
      wakeScheduler();
      return job;
    },
    async prioritize(id, priority) {
      const job = await queue.prioritize(id, priority);
      events.publish(id, { type: "status", job });
      return job;
    },
    queue: () => readQueue(dependencies),
    async pauseQueue(running) {
      await writeQueueState(database, { paused: true, running });
      if (running === "pause") dependencies.pauseRunning();
      return readQueue(dependencies);
    },
    async resumeQueue() {
      const { running } = await readQueueState(database.db);
      await writeQueueState(database, { paused: false, running });
      wakeScheduler();
      return readQueue(dependencies);
    },
  };
}

async function readQueue(dependencies: JobControlDependencies): Promise<TrainingQueue> {
  const { database, queue, pace, disk, concurrency, readMachine } = dependencies;
  const [state, running, queued, paused, reserved, { celsius, watts }] = await Promise.all([
    readQueueState(database.db),
    queue.list({ page: 1, page_size: shownJobs, status: "running" }),
    queue.waiting(),
    queue.list({ page: 1, page_size: shownJobs, status: "paused" }),
    disk.outstandingBytes(),
    readMachine(),
  ]);
  return {
    paused: state.paused,
    changed_at: state.changedAt === null ? null : new Date(state.changedAt).toISOString(),
    concurrency,
    running: running.items,
    queued,
    paused_jobs: paused.items,
    pace: pace.current,
    celsius,
    watts,
    reserved_disk_bytes: reserved,
  };
}
