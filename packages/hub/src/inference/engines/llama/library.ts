import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Llama, LlamaGrammar, LlamaGrammarEvaluationState, LlamaModel, TokenBias } from "node-llama-cpp";
import { PlatformUnsupported } from "../../errors.ts";

export interface Library {
  llama: Llama;
  tokenBias: typeof TokenBias;
  /** Holds one answer of the model to the grammar. */
  beginGrammar(model: LlamaModel, grammar: LlamaGrammar): LlamaGrammarEvaluationState;
  insufficientMemory: new (message?: string) => Error;
  /** Last lines that llama.cpp logged, oldest first: the only place where it says why it failed. */
  lastWords: string[];
}

const keptLines = 12;

/**
 * Loads llama.cpp's native library.
 * Errors: PlatformUnsupported when there is none for this machine.
 */
export async function loadLibrary(threads: number): Promise<Library> {
  skipSelfTest();
  const { getLlama, LlamaGrammarEvaluationState, TokenBias, LlamaLogLevel, InsufficientMemoryError } =
    await import("node-llama-cpp");
  const lastWords: string[] = [];
  try {
    const llama = await getLlama({
      build: "never",
      gpu: hasGpuVariant() ? "auto" : false,
      maxThreads: threads,
      logLevel: LlamaLogLevel.warn,
      logger: (_level, message) => {
        const line = message.trim();
        if (line === "") return;
        lastWords.push(line);
        if (lastWords.length > keptLines) lastWords.shift();
        process.stderr.write(`${line}\n`);
      },
      progressLogs: false,
      skipDownload: true,
    });
    return {
      llama,
      tokenBias: TokenBias,
      beginGrammar: (model, grammar) => new LlamaGrammarEvaluationState({ model, grammar }),
      insufficientMemory: InsufficientMemoryError,
      lastWords,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlatformUnsupported(
      `There is no llama.cpp library for ${process.platform} on ${process.arch} that runs here: ${reason}. Reinstall the dependencies on this machine.`,
      { cause: error },
    );
  }
}

/**
 * Before it loads a library the package tries it out in a process of its own, so that a library
 * that does not run here cannot take its user down. This process is there for that already, and
 * the trial takes longer (0.4 s) than everything else at the start.
 */
function skipSelfTest(): void {
  registerHooks({
    load(url, context, next) {
      if (!url.endsWith("/node-llama-cpp/dist/bindings/utils/testBindingBinary.js"))
        return next(url, context);
      return {
        format: "module",
        shortCircuit: true,
        source: "export async function testBindingBinary() { return true; }",
      };
    },
  });
}

/** Metal comes with the package; CUDA and Vulkan are packages of their own that a user adds. */
function hasGpuVariant(): boolean {
  if (process.platform === "darwin" && process.arch === "arm64") return true;
  const platform = process.platform === "win32" ? "win" : process.platform;
  const installed = join(
    dirname(fileURLToPath(import.meta.resolve("node-llama-cpp"))),
    "..",
    "..",
    "@node-llama-cpp",
  );
  return ["cuda", "vulkan"].some((variant) =>
    existsSync(join(installed, `${platform}-${process.arch}-${variant}`, "bins")),
  );
}
