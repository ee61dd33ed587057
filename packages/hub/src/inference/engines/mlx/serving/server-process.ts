import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describeExit, type ChildExit } from "../../../../process/exit.ts";
import { superviseChild, type SupervisedChild } from "../../../../process/supervisor.ts";
import { ModelLoadFailed } from "../../../errors.ts";
import type { MlxDevice } from "../environment/platform.ts";
import type { ServerTarget } from "./connection.ts";
import { serverMessage, type ServedFacts } from "./server-messages.ts";

export interface ServerProcessOptions {
  /** Python of the environment with mlx-lm. */
  interpreter: string;
  device: MlxDevice;
  /** The model's folder. */
  model: string;
  contextSize: number;
  threads: number;
  /** Answers that are decoded together. */
  slots: number;
  /** Bytes of key/value caches that may be kept for later requests. */
  promptCacheBytes: number;
  logFile: string;
  recordsFolder?: string;
  /** Called once when it ends, however that comes. */
  onExit: (exit: ChildExit) => void;
}

const script = fileURLToPath(new URL("./serve.py", import.meta.url));
/** Python takes seconds to import MLX and the tokenizers; on a machine that is busy, many. */
const readyTimeoutMs = 120_000;
/** Prompts that are taken in together; mlx-lm's own default. */
const mostPrompts = 8;
/**
 * Prompt tokens that are taken in at a time: between two such steps the others get their tokens and the hub a sign
 * of life. A step of mlx-lm's own 2048 takes half a minute on a processor.
 */
const prefillSteps: Readonly<Record<MlxDevice, number>> = { cpu: 128, metal: 512, cuda12: 512, cuda13: 512 };
/** Prefixes that are kept. The server looks at the bytes of those only now and then. */
const keptPrefixes = 16;

/** Never reaches out: a model is a folder of this machine. */
const offline = { HF_HUB_OFFLINE: "1", TRANSFORMERS_OFFLINE: "1", HF_HUB_DISABLE_TELEMETRY: "1" };

/** On the CPU MLX compiles functions with the system's g++, which may be missing and takes seconds each. */
const withoutCompiler = { MLX_DISABLE_COMPILE: "1" };

/** A supervised `mlx_lm.server` with one model, on a loopback port that it has chosen, behind a key. */
export class ServerProcess {
  readonly target: Promise<ServerTarget>;
  /** Fulfilled when the model is in memory. Errors: ModelLoadFailed with mlx-lm's own words. */
  readonly loaded: Promise<ServedFacts>;
  readonly #child: SupervisedChild;

  constructor(options: ServerProcessOptions) {
    const key = randomBytes(32).toString("base64url");
    const target = Promise.withResolvers<ServerTarget>();
    const loaded = Promise.withResolvers<ServedFacts>();
    this.target = target.promise;
    this.loaded = loaded.promise;
    // Whoever waits for them hears of a failure; nobody has to.
    for (const promise of [target.promise, loaded.promise]) promise.catch(() => undefined);
    const { recordsFolder, logFile } = options;
    this.#child = superviseChild({
      name: "mlx_lm.server",
      program: options.interpreter,
      // Isolated, and writing no bytecode beside our sources.
      args: ["-I", "-B", script, ...serverArguments(options)],
      env: {
        ...offline,
        TOKENIZERS_PARALLELISM: "false",
        ...(options.device === "cpu" ? withoutCompiler : {}),
        OMP_NUM_THREADS: String(options.threads),
        HEARTH_MLX_CONTEXT: String(options.contextSize),
        HEARTH_MLX_KEY: key,
      },
      logFile,
      ...(recordsFolder === undefined ? {} : { recordsFolder }),
      readyTimeoutMs,
      onMessage: (raw) => {
        const message = serverMessage.safeParse(raw).data;
        if (message === undefined) return;
        if (message.type === "ready") target.resolve({ url: `http://127.0.0.1:${message.port}`, key });
        else if (message.type === "loaded")
          loaded.resolve({
            vocabulary: message.vocabulary,
            chatTemplate: message.chat_template,
            tools: message.tools,
          });
        else
          loaded.reject(
            new ModelLoadFailed(
              `The model ${options.model} could not be loaded by mlx-lm: ${message.message}.`,
            ),
          );
      },
      onExit: (exit) => {
        const words = describeExit("mlx_lm.server", exit);
        const error = new ModelLoadFailed(`The model could not be loaded. ${words}`, {
          details: { crashed: true, signal: exit.signal, status: exit.code },
        });
        target.reject(error);
        loaded.reject(error);
        options.onExit(exit);
      },
    });
  }

  get pid(): number | null {
    return this.#child.running ? this.#child.pid : null;
  }

  get exited(): Promise<ChildExit> {
    return this.#child.exited;
  }

  /** Ends it with its group. It holds nothing that would need time to be put away. */
  kill(): Promise<ChildExit> {
    return this.#child.kill();
  }
}

function serverArguments({ model, slots, promptCacheBytes, device }: ServerProcessOptions): string[] {
  const options = {
    model,
    host: "127.0.0.1",
    port: 0,
    "decode-concurrency": slots,
    "prompt-concurrency": Math.min(slots, mostPrompts),
    "prefill-step-size": prefillSteps[device],
    "prompt-cache-size": keptPrefixes,
    "prompt-cache-bytes": Math.max(1, Math.ceil(promptCacheBytes)),
    // No web page may read an answer.
    "allowed-origins": "none",
    "log-level": "WARNING",
  };
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}
