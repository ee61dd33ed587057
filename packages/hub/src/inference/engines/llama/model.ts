import { serialiseError } from "../../../errors.ts";
import type { GgufHeader } from "../../../model-files/gguf/format.ts";
import { readGgufHeader } from "../../../model-files/gguf/read.ts";
import { validateModel } from "../../../model-files/gguf/validate.ts";
import type { ModelSummary } from "../../../model-files/gguf/validate.ts";
import type { LlamaContext, LlamaModel, Token, TokenBias } from "node-llama-cpp";
import type { AdapterFile, LoadedModel } from "../../engine.ts";
import { ModelLoadFailed, ResourceExhausted } from "../../errors.ts";
import { batchTokens, contextSizeFor } from "../../estimate.ts";
import { Constraints } from "./constraint.ts";
import type { Library } from "./library.ts";
import { LogprobReader } from "./logprob-reader.ts";
import { createEmbeddingContext } from "./native.ts";
import { PrefixCache } from "./prefix-cache.ts";
import { PromptReader } from "./prompt.ts";
import type { EngineCommand } from "./protocol.ts";
import { inOrder, SlotContext } from "./slot-context.ts";
import { Vocabulary } from "./vocabulary.ts";

type LoadCommand = Extract<EngineCommand, { type: "load" }>;

/** A model in memory with everything that requests need of it. */
export class LoadedLlama {
  readonly vocabulary: Vocabulary;
  readonly prompts: PromptReader;
  readonly constraints: Constraints;
  /** Tokens that a sequence may hold. */
  readonly contextSize: number;
  readonly newBias: () => TokenBias;
  readonly endsTurn: (token: number) => boolean;
  readonly #library: Library;
  readonly #model: LlamaModel;
  readonly #command: LoadCommand;
  /** Are there float matrices among the weights? */
  readonly #floats: boolean;

  constructor(library: Library, model: LlamaModel, command: LoadCommand, file: CheckedFile) {
    const { header, summary } = file;
    this.vocabulary = new Vocabulary(header.metadata, (id) => model.detokenize([id as Token]));
    this.prompts = new PromptReader(model, this.vocabulary, summary.chatTemplate ?? null);
    this.contextSize = contextSizeFor(summary.context, command.contextSize);
    this.constraints = new Constraints({
      compile: (grammar) => library.llama.createGrammar({ grammar }),
      begin: (grammar) => library.beginGrammar(model, grammar),
    });
    this.#floats = hasFloatMatrices(header);
    this.newBias = () => library.tokenBias.for(model);
    this.endsTurn = (token) => model.isEogToken(token as Token);
    this.#library = library;
    this.#model = model;
    this.#command = command;
  }

  /** Errors: none that a request could cause. It must be disposed of. */
  logprobReader(alternatives: number): LogprobReader {
    return new LogprobReader(this.#model, alternatives, (id) => this.vocabulary.bytes(id));
  }

  /** More threads than cores are free make each step wait for the slowest, up to a hundred times longer. */
  useThreads(threads: number): void {
    this.#library.llama.maxThreads = Math.max(1, Math.min(threads, this.#command.threads));
  }

  /** Does a decode call use several threads? */
  get sharesThreads(): boolean {
    return this.#library.llama.maxThreads > 1 && this.#command.threads > 1;
  }

  /**
   * Makes a context; with an adapter, one in which the weights are changed by it.
   * Errors: ModelLoadFailed, ResourceExhausted.
   */
  async createContext(adapter: AdapterFile | null): Promise<SlotContext> {
    const { slots, threads, kvCacheType } = this.#command;
    const onCpu = this.#library.llama.gpu === false;
    const quantised = kvCacheType === "q8_0";
    if (quantised && !this.#model.flashAttentionSupported) {
      throw new ModelLoadFailed(
        "This model cannot be used with flash attention, and without it the values of a cache cannot be quantised. Use the cache type f16.",
        { details: { field: "kv_cache_type" } },
      );
    }
    this.#library.lastWords.length = 0;
    const what = adapter === null ? "The context" : "The adapter";
    const context = await attempt(this.#library, what, () =>
      this.#model.createContext({
        contextSize: this.contextSize,
        sequences: slots,
        // On the CPU its result depends on how a prompt is cut into pieces; without it, it does not.
        flashAttention: quantised ? true : onCpu ? false : "auto",
        ...(quantised
          ? { experimentalKvCacheKeyType: "Q8_0" as const, experimentalKvCacheValueType: "Q8_0" as const }
          : {}),
        // Else a sequence could not go back further than its window reaches.
        swaFullCache: true,
        batchSize: batchTokens,
        batching: { itemPrioritizationStrategy: inOrder },
        threads,
        ...(adapter === null ? {} : { lora: { adapters: [{ filePath: adapter.path }] } }),
      }),
    );
    const traits = {
      exactInPairs: onCpu && (adapter !== null || this.#floats),
      exactInPieces: onCpu && quantised,
      wideIsCheap: !onCpu,
    };
    const sha256 = adapter?.sha256 ?? null;
    return new SlotContext(sha256, context, traits, await this.#stored(sha256));
  }

  async #stored(adapter: string | null): Promise<PrefixCache | null> {
    const { prefixes, sha256: base, kvCacheType } = this.#command;
    if (prefixes === null) return null;
    const { llamaCppRelease, gpu } = this.#library.llama;
    const library = `llama.cpp ${llamaCppRelease.release} ${gpu === false ? "cpu" : gpu}`;
    return await PrefixCache.open(prefixes, { base, adapter, kvCacheType, library });
  }

  /** A context for vectors of inputs of less than `size` tokens. Errors: ModelLoadFailed, ResourceExhausted. */
  async createEmbeddingContext(adapter: AdapterFile | null, size: number): Promise<LlamaContext> {
    this.#library.lastWords.length = 0;
    return await attempt(this.#library, "The context for embeddings", () =>
      createEmbeddingContext(this.#model, {
        contextSize: size,
        batchSize: size,
        sequences: 1,
        // Without it the scores of a long input would need its length squared.
        flashAttention: "auto",
        threads: this.#command.threads,
        ...(adapter === null ? {} : { lora: { adapters: [{ filePath: adapter.path }] } }),
      }),
    );
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
  const file = await checkedFile(command.path);
  library.lastWords.length = 0;
  const native = await attempt(library, "The model", () =>
    library.llama.loadModel({
      modelPath: command.path,
      useMmap: true,
      ...(library.llama.gpu === false ? { gpuLayers: 0 } : {}),
    }),
  );
  const model = new LoadedLlama(library, native, command, file);
  const base = await model.createContext(null);
  const description: LoadedModel = {
    contextSize: model.contextSize,
    slots: command.slots,
    vocabulary: model.vocabulary.size,
    chatTemplate: file.summary.chatTemplate !== undefined,
    trainedContextSize: file.summary.context,
  };
  return { model, description, base };
}

interface CheckedFile {
  header: GgufHeader;
  summary: ModelSummary;
}

async function checkedFile(path: string): Promise<CheckedFile> {
  try {
    const header = await readGgufHeader(path);
    return { header, summary: validateModel(header) };
  } catch (error) {
    const { message, details } = serialiseError(error);
    throw new ModelLoadFailed(`The model file cannot be used: ${message}`, { cause: error, details });
  }
}

function hasFloatMatrices(header: GgufHeader): boolean {
  return [...header.tensors.values()].some(
    ({ shape, type }) => shape.length > 1 && (type === "F32" || type === "F16" || type === "BF16"),
  );
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
