import type { TrainingRooms } from "./dependencies.ts";
import { DiskReservations } from "./disk-reservations.ts";
import { JobEvents } from "./events.ts";
import { createJobControl } from "./job-control.ts";
import { createJobs } from "./jobs.ts";
import type { Jobs } from "./jobs.ts";
import { JobLog } from "./job-log.ts";
import { JobLifecycle } from "./lifecycle.ts";
import { TrainingPace } from "./pace.ts";
import type { HeatReading, PaceOptions } from "./pace.ts";
import { JobQueue } from "./queue.ts";
import { readProvenance } from "./provenance.ts";
import { TrainingSamples } from "./samples.ts";
import { Scheduler } from "./scheduler.ts";
import { messageOf } from "./scheduler-options.ts";
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
  /** Attempts after the first; default 2. */
  retries?: number;
  /** What jobs do while people wait for answers; default: nothing. */
  yield?: PaceOptions["yield"];
  /** Default: never. */
  cooldownAboveCelsius?: number | null;
  /** Between two readings of the temperature. */
  heatPollMs?: number;
  /** How hot the machine is and what it draws; default: not known. */
  readMachine?: () => Promise<HeatReading & { watts: number | null }>;
}

/** Training as the server composes it; disposing stops the scheduler and gives a running job back. */
export interface Training extends AsyncDisposable {
  readonly jobs: Jobs;
  /** The jobs in work. */
  readonly activeJobIds: readonly string[];
  /** Whether jobs in work stand still between their steps. */
  readonly holding: boolean;
  /** To be told how many requests run or wait, whenever that changes. */
  serving(asking: number): void;
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
    retries,
    yield: yielding = "off",
    cooldownAboveCelsius = null,
    heatPollMs,
    readMachine = () => Promise.resolve({ celsius: null, throttled: false, watts: null }),
    ...schedulerOptions
  } = options;
  const trainers = new Trainers([onnxTrainer(trainer), ...(mlx === undefined ? [] : [mlxTrainer(mlx)])]);
  const provenance = () => readProvenance({ codeFolder, gpus });
  const disk = new DiskReservations();
  const pace = new TrainingPace({
    yield: yielding,
    cooldownAboveCelsius,
    readHeat: readMachine,
    ...(heatPollMs === undefined ? {} : { heatPollMs }),
    onCooldown: (reading, ended) => scheduler.cooldown(cooldownAboveCelsius, reading, ended),
    onFailed: (error) => options.log("warn", `the temperature cannot be read: ${messageOf(error)}`, {}),
  });
  const scheduler: Scheduler = new Scheduler(
    { ...rooms, queue, events, lifecycle, jobLog, samples, pace, disk, trainers, provenance },
    schedulerOptions,
  );
  const wakeScheduler = () => scheduler.wake();
  const control = createJobControl({
    ...rooms,
    queue,
    events,
    lifecycle,
    pace,
    disk,
    concurrency: options.concurrency ?? 1,
    readMachine,
    wakeScheduler,
    cancelRunning: (jobId) => scheduler.cancel(jobId),
    pauseRunning: (jobId) => scheduler.pause(jobId),
  });
  const jobs = createJobs({
    ...rooms,
    queue,
    events,
    jobLog,
    samples,
    trainers,
    provenance,
    control,
    retries,
    wakeScheduler,
  });
  return {
    jobs,
    get activeJobIds() {
      return scheduler.activeJobIds;
    },
    get holding() {
      return pace.current.share === 0;
    },
    serving: (asking) => pace.serving(asking),
    start: () => scheduler.start(),
    async [Symbol.asyncDispose]() {
      await scheduler[Symbol.asyncDispose]();
      pace[Symbol.dispose]();
    },
  };
}
