import { randomUUID } from "node:crypto";
import { reviveError } from "../../../errors.ts";
import type { SerialisedError } from "../../../errors.ts";
import { describeExit } from "../../../process/exit.ts";
import type { ChildExit } from "../../../process/exit.ts";
import { superviseChild } from "../../../process/supervisor.ts";
import type { SupervisedChild } from "../../../process/supervisor.ts";
import type {
  Capabilities,
  Embedding,
  EmbedRequest,
  Engine,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  LoadOptions,
  MemoryEstimate,
  ModelFiles,
  Prompt,
  Score,
  ScoreRequest,
} from "../../engine.ts";
import {
  GenerationFailed,
  InvalidRequest,
  ModelLoadFailed,
  PlatformUnsupported,
  RequestCancelled,
  ResourceExhausted,
  Timeout,
} from "../../errors.ts";
import { contextSizeFor, defaultAdapterContexts, estimateMemory } from "../../estimate.ts";
import { greedy } from "../../verify-export.ts";
import { EventQueue } from "./event-queue.ts";
import { storeMs } from "./prefix-cache.ts";
import { PendingCalls } from "./pending-calls.ts";
import type { EngineCommand, EngineMessage, LlamaRequest } from "./protocol.ts";
import { mostLogprobs } from "./sampling.ts";

export interface LlamaEngineOptions {
  /** Threads that the native library may use at all; a load can use fewer. */
  threads: number;
  /** Output of the child, llama.cpp's log among it. */
  logFile: string;
  /** Compiled code of the child's modules is kept here, which halves its start. */
  codeCacheFolder?: string;
  recordsFolder?: string;
  /** Computed beginnings of prompts are stored here and found again after a restart; without it, nowhere. */
  cacheFolder?: string;
  /** For all models together; default 4 GB. */
  cacheMaxBytes?: number;
  /** The context for embeddings is freed when it was unused for this long. Default 30 s. */
  embeddingRestMs?: number;
  /** Without any sign of progress for this long, requests fail and the child is ended. Default 30 s. */
  timeoutMs?: number;
  /** A model must be loaded in this time. Default 10 min: repacking the weights of a large one takes long. */
  loadTimeoutMs?: number;
}

/** The library itself loads in well under a second; on a machine that is busy training, in a few. */
const readyTimeoutMs = 60_000;
/** Computed beginnings of prompts take so much of the disk, where nothing else is set. */
export const prefixCacheBytes = 4e9;
/** Native code may hang, so it is not asked for long. */
const endMs = 300;
/** A header that claims too much must end the child and not the machine. */
const childHeapMegabytes = 1024;

/** The embedded engine: llama.cpp in a child process that this object owns. */
export class LlamaEngine implements Engine {
  readonly capabilities: Capabilities = {
    formats: ["gguf"],
    adapters: true,
    memory: "mapped",
    sampling: [
      "temperature",
      "topP",
      "topK",
      "minP",
      "seed",
      "frequencyPenalty",
      "presencePenalty",
      "repetitionPenalty",
      "logitBias",
    ],
    output: ["text", "json_object", "json_schema"],
    toolChoice: ["auto", "required", "named"],
    logprobs: mostLogprobs,
    promptLogprobs: true,
    scores: true,
    embeddings: true,
  };
  onLost: ((error: Error) => void) | null = null;
  onRound: ((round: { sequences: number }) => void) | null = null;
  readonly #options: LlamaEngineOptions;
  #child: SupervisedChild | null = null;
  /** The end of the last child. */
  #ended: Promise<unknown> = Promise.resolve();
  #loading: PromiseWithResolvers<LoadedModel> | null = null;
  #loaded = false;
  #adapters = 0;
  #threads = 0;
  readonly #requests = new Map<string, EventQueue<GenerateEvent>>();
  readonly #tokenizing = new PendingCalls<number[]>();
  readonly #embedding = new PendingCalls<null>();
  /** Vectors that came, of the calls that wait for more. */
  readonly #embeddings = new Map<string, Embedding[]>();
  #watchdog: NodeJS.Timeout | null = null;

  constructor(options: LlamaEngineOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.running === true ? this.#child.pid : null;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get adapters(): number {
    return this.#adapters;
  }

  async prepare(): Promise<void> {
    await this.#start().ready;
  }

  estimate(model: ModelFiles, options: LoadOptions): MemoryEstimate {
    return estimateMemory(model, options);
  }

  async load(model: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel> {
    if (this.#loaded || this.#loading !== null)
      throw new ModelLoadFailed("This engine holds a model already; unload it first.");
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    const loading = (this.#loading = Promise.withResolvers<LoadedModel>());
    // The failure is also what the caller gets; nobody else waits for it.
    loading.promise.catch(() => undefined);
    const { cacheFolder, cacheMaxBytes = prefixCacheBytes } = this.#options;
    const limitMs = this.#options.loadTimeoutMs ?? 600_000;
    const timer = setTimeout(() => loading.reject(new Timeout(limitMs)), limitMs);
    const abort = (): void => loading.reject(new RequestCancelled(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    try {
      this.#send({
        type: "load",
        path: model.basePath,
        sha256: model.baseSha256,
        kvCacheType: options.kvCacheType ?? "f16",
        prefixes: cacheFolder === undefined ? null : { folder: cacheFolder, maxBytes: cacheMaxBytes },
        threads: options.threads,
        contextSize: contextSizeFor(model.shape?.context ?? null, options.contextSize),
        slots: options.slots,
        adapterContexts: options.adapterContexts ?? defaultAdapterContexts,
        embeddingRestMs: this.#options.embeddingRestMs ?? 30_000,
      });
      const description = await loading.promise;
      this.#loaded = true;
      this.#threads = options.threads;
      return description;
    } catch (error) {
      await this.#end(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      this.#loading = null;
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent, void, void> {
    if (!this.#loaded) throw new GenerationFailed("The engine has no model loaded.");
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    if (this.#requests.has(request.id))
      throw new InvalidRequest(`A request with the id ${request.id} is in progress.`, { field: "id" });
    const queue = new EventQueue<GenerateEvent>();
    this.#requests.set(request.id, queue);
    const abort = (): void => queue.close(new RequestCancelled(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    this.#send({ type: "generate", request });
    this.#watch();
    try {
      yield* queue;
    } finally {
      signal.removeEventListener("abort", abort);
      // Still there: the reader left, or gave up, before the end.
      if (this.#requests.delete(request.id) && this.#loaded) this.#send({ type: "cancel", id: request.id });
      this.#watch();
    }
  }

  async tokenize(prompt: Prompt, signal: AbortSignal): Promise<number[]> {
    if (!this.#loaded) throw new GenerationFailed("The engine has no model loaded.");
    return await this.#tokenizing.call((id) => this.#send({ type: "tokenize", id, prompt }), signal);
  }

  async score({ prompt, adapter, ...scoredAnswer }: ScoreRequest, signal: AbortSignal): Promise<Score> {
    const asked: LlamaRequest = {
      id: `score-${randomUUID()}`,
      prompt,
      scoredAnswer,
      adapter,
      maxTokens: 0,
      stop: [],
      sampling: greedy,
      promptLogprobs: 0,
    };
    let logprobs: number[] | null = null;
    for await (const event of this.generate(asked, signal)) {
      if (event.type === "started")
        logprobs = (event.promptLogprobs ?? []).map(({ logprob }) => logprob ?? Number.NaN);
    }
    if (logprobs === null || logprobs.length === 0)
      throw new GenerationFailed("The engine did not tell the probabilities of the answer; ask again.");
    return { logprobs };
  }

  async embed(request: EmbedRequest, signal: AbortSignal): Promise<Embedding[]> {
    if (!this.#loaded) throw new GenerationFailed("The engine has no model loaded.");
    let call = "";
    const ask = (id: string): void => {
      call = id;
      this.#embeddings.set(id, []);
      this.#send({ type: "embed", id, request });
      this.#watch();
    };
    const gone = (id: string): void => {
      if (this.#loaded) this.#send({ type: "cancel_embed", id });
    };
    try {
      await this.#embedding.call(ask, signal, gone);
      return this.#embeddings.get(call) ?? [];
    } finally {
      this.#embeddings.delete(call);
      this.#watch();
    }
  }

  useThreads(threads: number): void {
    if (!this.#loaded || threads === this.#threads) return;
    this.#threads = threads;
    this.#send({ type: "threads", threads });
  }

  async unload(): Promise<void> {
    // With something to store it is worth a wait, which ends as soon as that is done.
    const stores = this.#loaded && this.#options.cacheFolder !== undefined;
    await this.#end(new GenerationFailed("The model was unloaded."), stores ? storeMs + endMs : endMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unload();
  }

  #start(): SupervisedChild {
    if (this.#child !== null) return this.#child;
    const { threads, logFile, codeCacheFolder, recordsFolder } = this.#options;
    const child = superviseChild({
      name: "engine",
      module: new URL("./child.ts", import.meta.url),
      args: [String(threads)],
      execArgv: [`--max-old-space-size=${childHeapMegabytes}`],
      env: codeCacheFolder === undefined ? {} : { NODE_COMPILE_CACHE: codeCacheFolder },
      logFile,
      ...(recordsFolder === undefined ? {} : { recordsFolder }),
      readyTimeoutMs,
      onMessage: (message) => this.#receive(message as EngineMessage),
      onExit: (exit) => this.#lost(child, exit),
    });
    this.#child = child;
    return child;
  }

  #send(command: EngineCommand): void {
    // A child that is gone shows by its exit, which fails whatever waits.
    this.#start()
      .send(command)
      .catch(() => undefined);
  }

  #receive(message: EngineMessage): void {
    switch (message.type) {
      case "ready":
        break;
      case "loaded":
        this.#loading?.resolve(message.model);
        break;
      case "load_failed":
        this.#loading?.reject(loadError(message.error));
        break;
      case "tokenized":
        this.#tokenizing.resolve(message.id, message.tokens);
        break;
      case "tokenize_failed":
        this.#tokenizing.reject(message.id, reviveError(message.error));
        break;
      case "embedded":
        this.#embeddings.get(message.id)?.push(message.embedding);
        this.#watch();
        break;
      case "embed_done":
        this.#embedding.resolve(message.id, null);
        break;
      case "embed_failed":
        this.#embedding.reject(message.id, reviveError(message.error));
        break;
      case "step":
        this.#step(message);
        break;
    }
  }

  #step({ events, failures, adapters, sequences }: Extract<EngineMessage, { type: "step" }>): void {
    this.#adapters = adapters;
    if (sequences > 0) this.onRound?.({ sequences });
    for (const [id, event] of events) {
      this.#requests.get(id)?.push(event);
      if (event.type === "done") this.#finish(id, null);
    }
    for (const [id, error] of failures) this.#finish(id, reviveError(error));
    this.#watch();
  }

  #finish(id: string, error: Error | null): void {
    this.#requests.get(id)?.close(error);
    this.#requests.delete(id);
  }

  /** Starts the wait for progress anew, or ends it when nothing is in progress. */
  #watch(): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = null;
    if (this.#requests.size === 0 && this.#embedding.size === 0) return;
    const timeoutMs = this.#options.timeoutMs ?? 30_000;
    this.#watchdog = setTimeout(() => {
      const error = new Timeout(timeoutMs);
      void this.#end(error);
      this.onLost?.(error);
    }, timeoutMs);
  }

  /** Ends the child, by force when it is still there after `graceMs`; whatever is in progress fails with `error`. */
  async #end(error: Error, graceMs = endMs): Promise<void> {
    this.#loaded = false;
    this.#failAll(error);
    const child = this.#child;
    this.#child = null;
    if (child !== null) {
      this.#ended = child.stop({ message: { type: "shutdown" } satisfies EngineCommand, graceMs });
    }
    await this.#ended;
  }

  /** The child is gone; the fields may belong to a later one already. */
  #lost(child: SupervisedChild, exit: ChildExit): void {
    if (this.#child !== child) return;
    this.#child = null;
    const words = describeExit("The engine's process", exit);
    const details = { crashed: true, signal: exit.signal, status: exit.code };
    this.#loading?.reject(new ModelLoadFailed(`The model could not be loaded. ${words}`, { details }));
    if (!this.#loaded) return;
    this.#loaded = false;
    const error = new GenerationFailed(`${words}. Try again; the next request starts it afresh.`, {
      details,
    });
    this.#failAll(error);
    this.onLost?.(error);
  }

  #failAll(error: Error): void {
    this.#adapters = 0;
    for (const id of this.#requests.keys()) this.#finish(id, error);
    this.#tokenizing.rejectAll(error);
    this.#embedding.rejectAll(error);
    this.#watch();
  }
}

/** Gives the child's failure its class back. */
function loadError({ code, message, details }: SerialisedError): Error {
  const { needed_bytes: needed, available_bytes: available } = details;
  if (code === "resource_exhausted" && typeof needed === "number" && typeof available === "number") {
    return new ResourceExhausted("The model", needed, available);
  }
  if (code === "platform_unsupported") return new PlatformUnsupported(message, { details });
  return new ModelLoadFailed(message, { details });
}
