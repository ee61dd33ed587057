import type { TrainingRooms } from "./dependencies.ts";
import { JobEvents } from "./events.ts";
import { createJobs } from "./jobs.ts";
import type { Jobs } from "./jobs.ts";
import { JobLog } from "./job-log.ts";
import { JobLifecycle } from "./lifecycle.ts";
import { JobQueue } from "./queue.ts";
import { readProvenance } from "./provenance.ts";
import { TrainingSamples } from "./samples.ts";
import { Scheduler } from "./scheduler.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { mlxTrainer, type MlxFound } from "./trainers/mlx/trainer.ts";
import { onnxTrainer } from "./trainers/onnx/trainer.ts";
import { Trainers } from "./trainers/trainers.ts";

export type {
  TrainingRooms,
  ExportCheck,
  ExportedModel,
  TrainingMemory,
  VerifyExport,
} from "./dependencies.ts";
export type { Jobs } from "./jobs.ts";
export type { SchedulerOptions } from "./scheduler.ts";

export interface TrainingOptions extends SchedulerOptions {
  /** The folder of the code and of its package-lock.json, for the lineage of versions. */
  codeFolder: string;
  /** Names of the machine's graphics processors, for the lineage of versions; default: none is told. */
  gpus?: () => Promise<string[]>;
  /** Another process in the place of the embedded trainer's; for tests. */
  trainer?: URL;
  /** The environment with mlx-lm; throws a HearthError with the reason where there is none. Absent: no such trainer. */
  mlx?: () => MlxFound;
  /** Told of whatever is published of a job; must be quick. */
  onEvent?: (jobId: string) => void;
}

/** Training as the server composes it; disposing stops the scheduler and gives a running job back. */
export interface Training extends AsyncDisposable {
  readonly jobs: Jobs;
  /** The job in work, if any. */
  readonly activeJobId: string | null;
  /** Recovers what an earlier hub left and begins to take jobs. */
  start(): Promise<void>;
}

export function createTraining(rooms: TrainingRooms, options: TrainingOptions): Training {
  const queue = new JobQueue(rooms.database);
  const events = new JobEvents(options.onEvent);
  const jobLog = new JobLog(options.logsFolder);
  const samples = new TrainingSamples(rooms.database);
  const lifecycle = new JobLifecycle(rooms, queue, events);
  const {
    codeFolder,
    gpus = () => Promise.resolve([]),
    onEvent: _published,
    trainer,
    mlx,
    ...schedulerOptions
  } = options;
  const trainers = new Trainers([onnxTrainer(trainer), ...(mlx === undefined ? [] : [mlxTrainer(mlx)])]);
  const provenance = () => readProvenance({ codeFolder, gpus });
  const scheduler = new Scheduler(
    { ...rooms, queue, events, lifecycle, jobLog, samples, trainers, provenance },
    schedulerOptions,
  );
  const jobs = createJobs({
    ...rooms,
    queue,
    events,
    lifecycle,
    jobLog,
    samples,
    trainers,
    provenance,
    wakeScheduler: () => scheduler.wake(),
    cancelRunning: (jobId) => scheduler.cancel(jobId),
  });
  return {
    jobs,
    get activeJobId() {
      return scheduler.activeJobId;
    },
    start: () => scheduler.start(),
    [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose](),
  };
}
