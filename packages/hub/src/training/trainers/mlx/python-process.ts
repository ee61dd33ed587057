import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HearthError } from "../../../errors.ts";
import { describeExit, type ChildExit } from "../../../process/exit.ts";
import { superviseChild, type SupervisedChild } from "../../../process/supervisor.ts";
import { Diverged } from "../divergence.ts";
import { ComputingProcessLost, TrainingInterrupted } from "../interruption.ts";
import type { Pacer } from "../pacer.ts";
import { pythonMessage, type PythonMessage } from "./messages.ts";

export interface PythonOptions {
  /** Absolute path of the environment's Python. */
  interpreter: string;
  /** Which build of MLX the environment has. */
  device: string;
  threads: number;
  memoryLimitBytes: number;
  /** Folder of the attempt. */
  folder: string;
  /** What the script reads as its first line. */
  job: Record<string, unknown>;
  onMessage: (message: PythonMessage) => void;
}

const script = fileURLToPath(new URL("./python/train.py", import.meta.url));
/** Python is ready before it imports MLX; on a machine that is busy even that takes long. */
const readyTimeoutMs = 120_000;
/** A step cannot be interrupted: a process that has not ended by then is killed. The hub's own patience is 2 s. */
const cancelGraceMs = 1_500;
/** Time to leave a checkpoint, below what the hub gives. */
const stopGraceMs = 3_500;

/** Models are folders of this machine. On the CPU MLX would compile functions with the system's g++, which may be missing. */
const environment = { HF_HUB_OFFLINE: "1", TRANSFORMERS_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false" };
const withoutCompiler = { MLX_DISABLE_COMPILE: "1" };

export type PythonResult = Extract<PythonMessage, { type: "result" }>;

/** The process held more memory than the job may use, and was ended. */
export class MemoryExceeded extends HearthError {
  constructor(words: string) {
    super("resource_exhausted", words);
  }
}

/** The Python process of one training. It ends when its standard input does, so never outlives this one. */
export class PythonProcess {
  readonly #child: SupervisedChild;
  readonly #said = Promise.withResolvers<PythonMessage>();
  readonly #job: Record<string, unknown>;
  #cpuSeconds = 0;

  constructor(options: PythonOptions) {
    this.#job = options.job;
    this.#said.promise.catch(() => undefined);
    this.#child = superviseChild({
      name: "the mlx trainer's Python",
      program: options.interpreter,
      // Isolated, and writing no bytecode beside our sources.
      args: ["-I", "-B", script],
      env: {
        ...environment,
        ...(options.device === "cpu" ? withoutCompiler : {}),
        OMP_NUM_THREADS: String(options.threads),
      },
      logFile: join(options.folder, "mlx.log"),
      memoryLimitBytes: options.memoryLimitBytes,
      readyTimeoutMs,
      onMessage: (raw) => this.#take(raw, options.onMessage),
      onExit: (exit) => this.#said.reject(lossOf(exit)),
    });
  }

  get pid(): number | null {
    return this.#child.pid;
  }

  /** Whether it has computed since this was asked last; a process that hangs does not. */
  async computes(): Promise<boolean> {
    const used = (await this.#child.readings())?.cpuSeconds ?? 0;
    const before = this.#cpuSeconds;
    this.#cpuSeconds = used;
    return used > before;
  }

  /**
   * Trains to the end; the process is gone when this returns. Errors: HearthError with what Python says, or how it
   * ended; {@link Diverged}; {@link MemoryExceeded}; the signal's reason.
   */
  async result(signal: AbortSignal, pacer: Pacer): Promise<PythonResult> {
    const abort = (): void => void this.#stop(signal.reason instanceof TrainingInterrupted);
    try {
      await Promise.race([this.#child.ready, this.#said.promise]);
      signal.throwIfAborted();
      signal.addEventListener("abort", abort, { once: true });
      await this.#child.send({ type: "train", ...this.#job });
      // One that is gone has told so itself.
      pacer.follow((share) => void this.#child.send({ type: "pace", share }).catch(() => undefined));
      const last = await this.#said.promise;
      if (last.type === "result") return last;
      if (last.type === "diverged") throw divergenceOf(last);
      if (last.type === "failed")
        throw new HearthError(last.error.code, last.error.message, { details: last.error.details });
      throw signal.aborted
        ? signal.reason
        : new HearthError("training_failed", "mlx-lm's Python stopped unasked.");
    } catch (error) {
      // One that was killed for its slowness was stopped all the same.
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", abort);
      await this.#child.kill();
    }
  }

  #take(raw: unknown, onMessage: (message: PythonMessage) => void): void {
    const parsed = pythonMessage.safeParse(raw);
    if (!parsed.success) {
      this.#said.reject(
        new HearthError(
          "training_failed",
          `mlx-lm's Python said what is not understood: ${parsed.error.message}`,
        ),
      );
      return;
    }
    const { data } = parsed;
    onMessage(data);
    if (["result", "diverged", "failed", "cancelled", "stopped"].includes(data.type))
      this.#said.resolve(data);
  }

  async #stop(keep: boolean): Promise<void> {
    // What cannot be told it shows by its end.
    await this.#child.send({ type: keep ? "stop" : "cancel" }).catch(() => undefined);
    const timer = setTimeout(() => void this.#child.kill(), keep ? stopGraceMs : cancelGraceMs);
    await this.#said.promise.catch(() => undefined);
    clearTimeout(timer);
  }
}

function divergenceOf(said: Extract<PythonMessage, { type: "diverged" }>): Diverged {
  const { step, loss, gradient_norm: gradientNorm, learning_rate: rate } = said;
  return new Diverged(
    step,
    { loss, gradientNorm, rate },
    { lastLoss: said.last_loss, wentBack: said.went_back },
  );
}

function lossOf(exit: ChildExit): HearthError {
  const words = `${describeExit("mlx-lm's Python", exit)}.`;
  if (exit.reason === "crashed") return new ComputingProcessLost(words);
  if (exit.reason === "memory") return new MemoryExceeded(words);
  return new HearthError("training_failed", words, { details: { status: exit.code, signal: exit.signal } });
}
