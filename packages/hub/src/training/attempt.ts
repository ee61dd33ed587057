import { setTimeout as delay } from "node:timers/promises";
import type { JobProgress, TrainingSample } from "@hearth/wire/hub/training";
import type { JobGuard } from "@hearth/wire/hub/training-queue";
import type { SerialisedError } from "../errors.ts";
import { describeExit } from "../process/exit.ts";
import { superviseChild } from "../process/supervisor.ts";
import type { SupervisedChild } from "../process/supervisor.ts";
import type { Pace } from "./pace.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { parseTrainerMessage } from "./trainer-messages.ts";
import type { TrainerMessage } from "./trainer-messages.ts";
import type {
  MetricPoint,
  TrainerCommand,
  TrainerLaunch,
  TrainingAttempt,
  TrainingResult,
  TrainingSpecification,
} from "./trainers/trainer.ts";

/** How one run of a trainer process ended. */
export type AttemptOutcome =
  | { kind: "result"; result: TrainingResult }
  /** The trainer, or the hub about it, says why it cannot succeed. */
  | { kind: "failed"; error: SerialisedError }
  | { kind: "cancelled" }
  /** The hub stops, or the job is paused; the trainer left a checkpoint if it could. */
  | { kind: "released" }
  /** It is gone or silent and did not say why. */
  | { kind: "lost"; reason: string };

export interface AttemptOptions {
  launch: TrainerLaunch;
  specification: TrainingSpecification;
  attempt: TrainingAttempt;
  logFile: string;
  recordsFolder: string;
  readyTimeoutMs: number;
  /** A trainer that says nothing for this long is taken for lost. */
  heartbeatTimeoutMs: number;
  /** Time for a trainer to react to a cancel: a step cannot be interrupted. */
  cancelGraceMs: number;
  /** Time for a trainer to leave a checkpoint when the hub stops. */
  releaseGraceMs: number;
  /** Time for a trainer to leave a checkpoint when its job is paused: nobody hurries. */
  pauseGraceMs: number;
  cancel: AbortSignal;
  release: AbortSignal;
  pause: AbortSignal;
  /** Tells how fast the trainer may go, now and whenever that changes; returns how to stop it. */
  followPace: (tell: (pace: Pace) => void) => () => void;
  onStart: (pid: number) => void;
  onProgress: (progress: JobProgress | null, metrics: readonly MetricPoint[]) => void;
  onLog: (line: string) => void;
  onSample: (sample: TrainingSample) => void;
  onGuard: (guard: Omit<JobGuard, "at">, wentBackTo: number | null) => void;
}

const logLineLimit = 10_000;

/** Runs the trainer once, from its start to its end; its whole process group is gone when this returns. */
export async function runAttempt(options: AttemptOptions): Promise<AttemptOutcome> {
  if (options.cancel.aborted) return { kind: "cancelled" };
  if (options.release.aborted || options.pause.aborted) return { kind: "released" };
  const said = Promise.withResolvers<AttemptOutcome>();
  const child = superviseChild({
    name: "the trainer",
    module: options.launch.module,
    args: options.launch.args ?? [],
    env: { ...options.launch.env },
    logFile: options.logFile,
    recordsFolder: options.recordsFolder,
    readyTimeoutMs: options.readyTimeoutMs,
    memoryLimitBytes: options.attempt.memoryLimitBytes,
    onMessage(message) {
      silence.reset();
      const outcome = handleMessage(message, options);
      if (outcome !== null) said.resolve(outcome);
    },
  });
  const silence = new SilenceWatch({
    timeoutMs: options.heartbeatTimeoutMs,
    cpuSeconds: async () => (await child.readings())?.cpuSeconds ?? null,
    onBusy: () => options.onProgress(null, []),
    onSlept: (milliseconds) => options.onGuard(slept(milliseconds), null),
  });
  const silent = silence.lost.then((silentMs): AttemptOutcome => ({
    kind: "lost",
    reason: `the trainer said nothing for ${silentMs} ms and was ended`,
  }));
  if (child.pid !== null) options.onStart(child.pid);
  const ended = child.exited.then((exit): AttemptOutcome => {
    const words = describeExit("the trainer", exit);
    if (exit.reason === "memory") {
      options.onGuard({ kind: "memory", action: "stopped", step: null, message: words }, null);
      return {
        kind: "failed",
        error: {
          code: "resource_exhausted",
          message: words,
          details: { limit_bytes: options.attempt.memoryLimitBytes },
        },
      };
    }
    if (options.release.aborted || options.pause.aborted) return { kind: "released" };
    // An end in good order without a result is a fault of the trainer that would happen again.
    if (exit.reason === "finished")
      return { kind: "failed", error: trainingFailed(`${words}, without a result`) };
    return { kind: "lost", reason: words };
  });
  let unfollow = (): void => undefined;
  // The hub's own signal outlives thousands of attempts: nothing of this one may stay with it.
  const over = new AbortController();
  try {
    const train: TrainerCommand = {
      type: "train",
      specification: options.specification,
      attempt: options.attempt,
    };
    const begun = child.ready.then(async () => {
      await child.send(train);
      if (over.signal.aborted) return;
      unfollow = options.followPace(({ share }) => {
        const pace: TrainerCommand = { type: "pace", share };
        // A trainer that is gone says so by its end.
        child.send(pace).catch(() => undefined);
      });
    });
    // When it does not begin, the end of the child says why.
    begun.catch(() => undefined);
    return await Promise.race([
      said.promise,
      ended,
      silent,
      aborted(options.cancel, over.signal).then(() =>
        stopOnCancel(child, said.promise, options.cancelGraceMs),
      ),
      aborted(options.release, over.signal).then(() => release(child, said.promise, options.releaseGraceMs)),
      aborted(options.pause, over.signal).then(() => release(child, said.promise, options.pauseGraceMs)),
    ]);
  } finally {
    over.abort();
    unfollow();
    silence[Symbol.dispose]();
    // Whatever it still does is of no use to anybody: files are complete when the result is told.
    await child.kill();
  }
}

/** Passes on what a message brings; the outcome when it is the last one. */
function handleMessage(message: unknown, options: AttemptOptions): AttemptOutcome | null {
  const parsed = parseTrainerMessage(message);
  if (!parsed.ok)
    return {
      kind: "failed",
      error: trainingFailed(`the trainer sent a message that is not understood: ${parsed.why}`),
    };
  const { event } = parsed;
  switch (event.type) {
    case "ready":
      return null;
    case "heartbeat":
      options.onProgress(null, []);
      return null;
    case "progress":
      return progressOf(event, options);
    case "log":
      options.onLog(event.line.slice(0, logLineLimit));
      return null;
    case "sample":
      options.onSample(event.sample);
      return null;
    case "guard":
      options.onGuard(event.guard, event.wentBackTo ?? null);
      return null;
    case "result":
      return { kind: "result", result: event.result };
    case "failed":
      return { kind: "failed", error: event.error };
    case "cancelled":
      return { kind: "cancelled" };
  }
}

function progressOf(
  event: Extract<TrainerMessage, { type: "progress" }>,
  options: AttemptOptions,
): AttemptOutcome | null {
  const { progress } = event;
  const notANumber = progress.loss !== null && !Number.isFinite(progress.loss);
  // The measured values are recorded as they are; the job's progress holds numbers only.
  options.onProgress(notANumber ? null : finiteProgress(progress), event.metrics);
  if (!notANumber) return null;
  return {
    kind: "failed",
    error: trainingFailed(
      `the loss became ${progress.loss} at step ${progress.step} of ${progress.steps}; lower learning_rate or clip_norm`,
      { step: progress.step, loss: String(progress.loss) },
    ),
  };
}

function finiteProgress(progress: JobProgress): JobProgress {
  const finite = (value: number | null): number | null =>
    value !== null && Number.isFinite(value) ? value : null;
  return {
    ...progress,
    first_loss: finite(progress.first_loss),
    validation_loss: finite(progress.validation_loss),
  };
}

/** Asks for the end; an answer in time is preferred to that it was cancelled. */
async function stopOnCancel(
  child: SupervisedChild,
  said: Promise<AttemptOutcome>,
  graceMs: number,
): Promise<AttemptOutcome> {
  await child.ready.catch(() => undefined);
  if (!child.running) return { kind: "cancelled" };
  await child.send({ type: "cancel" } satisfies TrainerCommand).catch(() => undefined);
  return (await within(said, graceMs)) ?? { kind: "cancelled" };
}

/** SIGTERM lets the trainer write a checkpoint; a result that comes meanwhile counts. */
async function release(
  child: SupervisedChild,
  said: Promise<AttemptOutcome>,
  graceMs: number,
): Promise<AttemptOutcome> {
  const stopped = child.stop({ graceMs });
  return Promise.race([
    said.then((outcome): AttemptOutcome => (outcome.kind === "result" ? outcome : { kind: "released" })),
    stopped.then((): AttemptOutcome => ({ kind: "released" })),
  ]);
}

function slept(milliseconds: number): Omit<JobGuard, "at"> {
  const seconds = Math.round(milliseconds / 1000);
  return {
    kind: "sleep",
    action: "continued",
    step: null,
    message: `the machine stood still for ${seconds} s; the trainer was given time anew and the job goes on`,
  };
}

/** Fulfilled when the signal aborts; waits no more, and leaves nothing with it, once `over` does. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true, signal: over }),
  );
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, null, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

function trainingFailed(message: string, details: Record<string, unknown> = {}): SerialisedError {
  return { code: "training_failed", message, details };
}
