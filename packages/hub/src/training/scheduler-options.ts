import type { JobProgress } from "@hearth/wire/hub/training";
import type { TrainingRooms } from "./dependencies.ts";
import type { DiskReservations } from "./disk-reservations.ts";
import type { JobEvents } from "./events.ts";
import type { GuardRecorder } from "./guards.ts";
import type { JobLog } from "./job-log.ts";
import type { JobLifecycle } from "./lifecycle.ts";
import type { TrainingPace } from "./pace.ts";
import type { ReadProvenance } from "./provenance.ts";
import type { JobQueue } from "./queue.ts";
import type { TrainingSamples } from "./samples.ts";
import type { Trainers } from "./trainers/trainers.ts";

export interface SchedulerOptions {
  /** Of all running jobs together. */
  threads: number;
  /** Jobs that run at a time; default 1. */
  concurrency?: number;
  /** Folder of the trainers' logs, one file a job. */
  logsFolder: string;
  /** Where running trainers are written down. */
  recordsFolder: string;
  /**
   * True when no other hub uses the database: whatever it says is running at the start is not.
   * Otherwise only what gave no sign of life for the lease's time.
   */
  exclusive: boolean;
  heartbeatTimeoutMs?: number;
  /** A job of another hub that gave no sign of life for this long is taken; default: as the heartbeat's. */
  leaseMs?: number;
  cancelGraceMs?: number;
  releaseGraceMs?: number;
  pauseGraceMs?: number;
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
  pace: TrainingPace;
  disk: DiskReservations;
  trainers: Trainers;
  provenance: ReadProvenance;
}

/** A job in work: how it is stopped, and how far it is. */
export interface ActiveJob {
  id: string;
  cancel: AbortController;
  pause: AbortController;
  progress: JobProgress;
  /** While an attempt is made. */
  guards: GuardRecorder | null;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
