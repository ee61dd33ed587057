import { HearthError, serialiseError } from "../../errors.ts";
import { ComputingProcessLost, TrainingInterrupted } from "./interruption.ts";
import { Pacer } from "./pacer.ts";
import type {
  TrainerCommand,
  TrainerEvent,
  TrainingAttempt,
  TrainingResult,
  TrainingSpecification,
} from "./trainer.ts";

/**
 * What every trainer's process does for one job: tells what happens, rests between two steps as the pacer asks, stops
 * between two when the signal aborts, after a checkpoint when its reason is {@link TrainingInterrupted}. Errors: {@link HearthError}, the
 * signal's reason.
 */
export type RunTraining = (
  specification: TrainingSpecification,
  attempt: TrainingAttempt,
  options: { onEvent: (event: TrainerEvent) => void; signal: AbortSignal; pacer: Pacer },
) => Promise<TrainingResult>;

/**
 * How often the hub hears from a process that has nothing else to say, in milliseconds: several times in the shortest
 * silence that can be set, for a trainer that rests uses no processor either.
 */
const heartbeatInterval = 1000;

/** Time to leave a checkpoint when the hub is gone, in milliseconds. */
const farewell = 4000;

/**
 * Makes this process a trainer. The hub sends one `train` and may send `pace` and `cancel`; every outcome is an event. When the
 * hub is gone this process leaves a checkpoint and ends: nobody could use what it makes. A restarted hub starts the
 * job again, which continues from there.
 *
 * @param alive whether the work goes on, asked before each heartbeat; default: it does as long as this process speaks
 */
export function serveTrainer(
  run: RunTraining,
  alive: () => Promise<boolean> = () => Promise.resolve(true),
): void {
  const abort = new AbortController();
  const pacer = new Pacer();
  let started = false;

  const work = async (command: Extract<TrainerCommand, { type: "train" }>): Promise<number> => {
    const heartbeat = setInterval(
      () =>
        // One that rests computes nothing and is well.
        void (pacer.share < 1 ? Promise.resolve(true) : alive()).then(
          (is) => is && post({ type: "heartbeat" }),
          (error: unknown) => process.emitWarning(String(error)),
        ),
      heartbeatInterval,
    );
    try {
      const result = await run(command.specification, command.attempt, {
        onEvent: post,
        signal: abort.signal,
        pacer,
      });
      await send({ type: "result", result });
      return 0;
    } catch (error) {
      if (error instanceof TrainingInterrupted) return 143;
      if (error instanceof ComputingProcessLost) {
        // No outcome is told: the hub takes these for the last words of a trainer that was lost.
        console.error(error.message);
        return 1;
      }
      if (error instanceof HearthError && error.code === "cancelled") await send({ type: "cancelled" });
      else await send({ type: "failed", error: explained(error) });
      return 1;
    } finally {
      clearInterval(heartbeat);
    }
  };

  process.on("message", (command: TrainerCommand) => {
    if (command.type === "cancel") {
      abort.abort(new HearthError("cancelled", "The training was cancelled."));
      if (!started) void send({ type: "cancelled" }).then(() => end(1));
      return;
    }
    if (command.type === "pace") {
      pacer.share = command.share;
      return;
    }
    if (command.type !== "train") return;
    if (started) {
      post({ type: "log", line: "A second job was refused: a trainer process does one." });
      return;
    }
    started = true;
    void work(command).then(end);
  });
  process.on("SIGTERM", () => {
    abort.abort(new TrainingInterrupted());
    if (!started) end(143);
  });
  // Ctrl-C in a terminal reaches the whole group; the hub decides what becomes of the job.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => {
    if (process.exitCode !== undefined) return;
    abort.abort(new TrainingInterrupted());
    setTimeout(() => process.exit(1), farewell).unref();
    if (!started) end(143);
  });
  post({ type: "ready" });
}

function send(event: TrainerEvent): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(event, undefined, undefined, () => resolve());
  });
}

function post(event: TrainerEvent): void {
  void send(event);
}

/** The system's words for a full disk need a hint of what to do. */
function explained(error: unknown): ReturnType<typeof serialiseError> {
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
    return {
      code: "resource_exhausted",
      message: `The disk is full: ${error.message}. Free some space; the job can be started again.`,
      details: {},
    };
  }
  return serialiseError(error);
}

function end(code: number): void {
  process.exitCode = code;
  // Nothing else keeps the process alive.
  if (process.connected) process.disconnect();
}
