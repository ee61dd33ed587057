import { serialiseError } from "../../../errors.ts";
import { readGgufHeader } from "../../../model-files/gguf/read.ts";
import { validateModel } from "../../../model-files/gguf/validate.ts";
import type { LlamaContext, LlamaModel, TokenBias } from "node-llama-cpp";
import type { AdapterFile, LoadedModel } from "../../engine.ts";
import { ModelLoadFailed, ResourceExhausted } from "../../errors.ts";
import { batchTokens, contextSizeFor } from "../../estimate.ts";
import type { Library } from "./library.ts";
import { PromptReader } from "./prompt.ts";
import type { EngineCommand } from "./protocol.ts";
import { SlotContext } from "./slot-context.ts";
import { Vocabulary } from "./vocabulary.ts";

type LoadCommand = Extract<EngineCommand, { type: "load" }>;

/** A model in memory with everything that requests need of it. */
export class LoadedLlama {
  readonly vocabulary: Vocabulary;
  readonly prompts: PromptReader;
  /** Tokens that a sequence may hold. */
  readonly contextSize: number;
  readonly newBias: () => TokenBias;
  readonly endsTurn: (token: number) => boolean;
  readonly #library: Library;
  readonly #model: LlamaModel;
  readonly #command: LoadCommand;

  constructor(
    library: Library,
    model: LlamaModel,
    command: LoadCommand,
    vocabulary: Vocabulary,
    prompts: PromptReader,
    contextSize: number,
  ) {
    this.vocabulary = vocabulary;
    this.prompts = prompts;
    this.contextSize = contextSize;
    this.newBias = () => library.tokenBias.for(model);
    this.endsTurn = (token) => model.isEogToken(token as Parameters<typeof model.isEogToken>[0]);
    this.#library = library;
    this.#model = model;
    this.#command = command;
  }

  /**
   * Makes a context; with an adapter, one in which the weights are changed by it.
   * Errors: ModelLoadFailed, ResourceExhausted.
   */
  async createContext(adapter: AdapterFile | null): Promise<SlotContext> {
    const { slots, threads } = this.#command;
    this.#library.lastWords.length = 0;
    const what = adapter === null ? "The context" : "The adapter";
    const context = await attempt(this.#library, what, () =>
      this.#model.createContext({
        contextSize: this.contextSize,
        sequences: slots,
        batchSize: batchTokens,
        threads,
        ...(adapter === null ? {} : { lora: { adapters: [{ filePath: adapter.path }] } }),
      }),
    );
    return new SlotContext(adapter?.sha256 ?? null, context satisfies LlamaContext);
  }
}

/**
 * Loads a model. The file is checked first, by code that survives a hostile one, because the
 * native code ends the process for some faults and says little about others.
 *
 * Errors: ModelLoadFailed with the reason; ResourceExhausted.
 */
export async function loadModel(
  library: Library,
  command: LoadCommand,
): Promise<{ model: LoadedLlama; description: LoadedModel; base: SlotContext }> {
  const { header, summary } = await checkedHeader(command.path);
  library.lastWords.length = 0;
  const native = await attempt(library, "The model", () =>
    library.llama.loadModel({
      modelPath: command.path,
      useMmap: true,
      ...(library.llama.gpu === false ? { gpuLayers: 0 } : {}),
    }),
  );
  const vocabulary = new Vocabulary(header.metadata, (id) =>
    native.detokenize([id as Parameters<typeof native.detokenize>[0][number]]),
  );
  const prompts = new PromptReader(native, vocabulary, summary.chatTemplate ?? null);
  const contextSize = contextSizeFor(summary.context, command.contextSize);
  const model = new LoadedLlama(library, native, command, vocabulary, prompts, contextSize);
  const base = await model.createContext(null);
  const description: LoadedModel = {
    contextSize,
    slots: command.slots,
    vocabulary: vocabulary.size,
    chatTemplate: summary.chatTemplate !== undefined,
    trainedContextSize: summary.context,
  };
  return { model, description, base };
}

async function checkedHeader(path: string): Promise<{
  header: Awaited<ReturnType<typeof readGgufHeader>>;
  summary: ReturnType<typeof validateModel>;
}> {
  try {
    const header = await readGgufHeader(path);
    return { header, summary: validateModel(header) };
  } catch (error) {
    const { message, details } = serialiseError(error);
    throw new ModelLoadFailed(`The model file cannot be used: ${message}`, { cause: error, details });
  }
}

/** Runs native work; a failure carries what llama.cpp logged, because its own message says nothing. */
async function attempt<T>(
  { llama, lastWords, insufficientMemory }: Library,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof insufficientMemory) {
      const { free } = await llama.getRamState();
      const needed = Number(/(\d{6,})/.exec(message)?.[1] ?? Number.NaN);
      throw new ResourceExhausted(what, Number.isNaN(needed) ? free : needed, free, { cause: error });
    }
    const words = lastWords.length === 0 ? "" : ` llama.cpp says: ${lastWords.join(" | ")}`;
    throw new ModelLoadFailed(`${what} cannot be loaded: ${message}.${words}`, {
      cause: error,
      details: { log: [...lastWords] },
    });
  }
}
