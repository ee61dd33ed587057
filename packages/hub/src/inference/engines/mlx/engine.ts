import type { ChildExit } from "../../../process/exit.ts";
import { describeExit } from "../../../process/exit.ts";
import type {
  Capabilities,
  Engine,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  LoadOptions,
  MemoryEstimate,
  ModelFiles,
  Prompt,
} from "../../engine.ts";
import {
  GenerationFailed,
  InvalidRequest,
  ModelLoadFailed,
  RequestCancelled,
  Timeout,
} from "../../errors.ts";
import { contextSizeFor } from "../../estimate.ts";
import { EventQueue } from "../llama/event-queue.ts";
import { AdapterTurns } from "./adapter-turns.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { estimateMlxMemory, promptCacheBytes } from "./memory.ts";
import { MlxClient } from "./client.ts";
import type { MlxEnvironment } from "./environment/environment.ts";
import type { ServerTarget } from "./serving/connection.ts";
import { ServerProcess } from "./serving/server-process.ts";
import type { ServedFacts } from "./serving/server-messages.ts";

export interface MlxEngineOptions {
  /** A server that runs already and is attached as it is; else one of our own, with the Python of this environment. */
  server: { attach: ServerTarget } | { environment: Pick<MlxEnvironment, "interpreter" | "device"> };
  /** Output of the server. */
  logFile: string;
  recordsFolder?: string;
  /** Without any sign of progress for this long, requests fail and the server is ended. Default 30 s. */
  timeoutMs?: number;
  /** A model must be loaded in this time. Default 10 min. */
  loadTimeoutMs?: number;
}

interface Running {
  queue: EventQueue<GenerateEvent>;
  /** Closes its connection. */
  control: AbortController;
}

/** Models in MLX's format, by an `mlx_lm.server` that this object owns or that it is attached to. */
export class MlxEngine implements Engine {
  readonly capabilities: Capabilities;
  onLost: ((error: Error) => void) | null = null;
  readonly #options: MlxEngineOptions;
  readonly #requests = new Map<string, Running>();
  #server: ServerProcess | null = null;
  #client: MlxClient | null = null;
  #loading: PromiseWithResolvers<never> | null = null;
  #turns = new AdapterTurns();
  /** The end of the last server of our own. */
  #ended: Promise<unknown> = Promise.resolve();
  #watchdog: NodeJS.Timeout | null = null;

  constructor(options: MlxEngineOptions) {
    this.#options = options;
    this.capabilities = capabilitiesOf("environment" in options.server);
  }

  get pid(): number | null {
    return this.#server?.pid ?? null;
  }

  get loaded(): boolean {
    return this.#client !== null;
  }

  /** The server holds one at a time. */
  get adapters(): number {
    return this.loaded && this.#turns.current !== null ? 1 : 0;
  }

  /** A server of mlx-lm starts with its model: there is nothing to do before. */
  async prepare(): Promise<void> {
    await this.#ended;
  }

  estimate(model: ModelFiles, options: LoadOptions): MemoryEstimate {
    if (!("attach" in this.#options.server)) return estimateMlxMemory(model, options);
    return { weightsBytes: 0, kvCacheBytes: 0, computeBytes: 0, totalBytes: 0 };
  }

  async load(model: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel> {
    if (this.#client !== null || this.#loading !== null)
      throw new ModelLoadFailed("This engine holds a model already; unload it first.");
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    const trained = model.shape?.context ?? null;
    const contextSize = contextSizeFor(trained, options.contextSize);
    const given = (this.#loading = Promise.withResolvers<never>());
    given.promise.catch(() => undefined);
    const limitMs = this.#options.loadTimeoutMs ?? 600_000;
    const timer = setTimeout(() => given.reject(new Timeout(limitMs)), limitMs);
    const abort = (): void => given.reject(new RequestCancelled(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    try {
      const { target, facts } = await Promise.race([
        this.#reach(model, { ...options, contextSize }, signal),
        given.promise,
      ]);
      const own = "environment" in this.#options.server;
      const served = { ...facts, model: model.basePath, contextSize, own };
      const client = new MlxClient(target, served);
      if (!own) await Promise.race([client.warmUp(signal), given.promise]);
      this.#client = client;
      this.#turns = new AdapterTurns();
      return {
        contextSize,
        slots: options.slots,
        vocabulary: facts.vocabulary,
        chatTemplate: facts.chatTemplate,
        trainedContextSize: trained ?? contextSize,
      };
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
    const client = this.#loadedClient(signal);
    if (this.#requests.has(request.id))
      throw new InvalidRequest(`A request with the id ${request.id} is in progress.`, { field: "id" });
    const wire = client.wireRequest(request);
    const running: Running = { queue: new EventQueue(), control: new AbortController() };
    this.#requests.set(request.id, running);
    const abort = (): void => running.queue.close(new RequestCancelled(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    this.#watch();
    void this.#pump(client, request, wire, running);
    try {
      yield* running.queue;
    } finally {
      signal.removeEventListener("abort", abort);
      running.control.abort(new RequestCancelled(signal.reason));
      if (this.#requests.get(request.id) === running) this.#requests.delete(request.id);
      this.#watch();
    }
  }

  async tokenize(prompt: Prompt, signal: AbortSignal): Promise<number[]> {
    return await this.#loadedClient(signal).tokenize(prompt, signal);
  }

  /** MLX divides its work by itself; the number that it was loaded with is what it may use. */
  useThreads(): void {
    // Nothing to set.
  }

  async unload(): Promise<void> {
    await this.#end(new GenerationFailed("The model was unloaded."));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unload();
  }

  #loadedClient(signal: AbortSignal): MlxClient {
    if (this.#client === null) throw new GenerationFailed("The engine has no model loaded.");
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    return this.#client;
  }

  /** The server with the model: the attached one as it is, or one of our own that has loaded it. */
  async #reach(
    model: ModelFiles,
    options: LoadOptions & { contextSize: number },
    signal: AbortSignal,
  ): Promise<{ target: ServerTarget; facts: ServedFacts }> {
    const { server, logFile, recordsFolder } = this.#options;
    if ("attach" in server) {
      const facts = { vocabulary: model.shape?.vocabulary ?? 0, chatTemplate: true, tools: true };
      await MlxClient.check(server.attach, signal);
      return { target: server.attach, facts };
    }
    const started = new ServerProcess({
      interpreter: server.environment.interpreter,
      device: server.environment.device,
      model: model.basePath,
      contextSize: options.contextSize,
      threads: options.threads,
      slots: options.slots,
      promptCacheBytes: promptCacheBytes(model, options),
      logFile,
      ...(recordsFolder === undefined ? {} : { recordsFolder }),
      onExit: (exit) => this.#lost(started, exit),
    });
    this.#server = started;
    const facts = await started.loaded;
    return { target: await started.target, facts };
  }

  /** Reads one answer from its server into its queue. Never rejects. */
  async #pump(
    client: MlxClient,
    request: GenerateRequest,
    wire: ReturnType<MlxClient["wireRequest"]>,
    running: Running,
  ): Promise<void> {
    const { queue, control } = running;
    let leave: (() => void) | null = null;
    try {
      leave = await this.#turns.enter(request.adapter?.path ?? null, control.signal);
      for await (const event of client.answer(wire, request, control.signal)) {
        // A sign of life has nothing to show.
        if (event !== null) queue.push(event);
        this.#watch();
      }
      queue.close(null);
    } catch (error) {
      await this.#closeWith(error, client, queue);
    } finally {
      leave?.();
    }
  }

  /** A connection that broke may be the first sign of a server that is gone: then its end is what failed. */
  async #closeWith(error: unknown, client: MlxClient, queue: EventQueue<GenerateEvent>): Promise<void> {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (failure instanceof GenerationFailed && this.#client === client) {
      if (this.#server !== null) await this.#endSoon(this.#server);
      else if (!(await MlxClient.answers(client.target))) this.#detached(client);
    }
    queue.close(failure);
  }

  async #endSoon(server: ServerProcess): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, exitAfterBreakMs);
    await Promise.race([server.exited, promise]);
    clearTimeout(timer);
  }

  /** Starts the wait for progress anew, or ends it when nothing is in progress. */
  #watch(): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = null;
    if (this.#requests.size === 0) return;
    const timeoutMs = this.#options.timeoutMs ?? 30_000;
    this.#watchdog = setTimeout(() => {
      const error = new Timeout(timeoutMs, "mlx_lm.server");
      void this.#end(error);
      this.onLost?.(error);
    }, timeoutMs);
  }

  /** Ends the server, if it is ours; whatever is in progress fails with `error`. */
  async #end(error: Error): Promise<void> {
    this.#client = null;
    this.#failAll(error);
    const server = this.#server;
    this.#server = null;
    if (server !== null) this.#ended = server.kill();
    await this.#ended;
  }

  /** Our server is gone; the fields may belong to a later one already. */
  #lost(server: ServerProcess, exit: ChildExit): void {
    if (this.#server !== server) return;
    this.#server = null;
    if (this.#client === null) return;
    this.#client = null;
    const details = { crashed: true, signal: exit.signal, status: exit.code };
    const words = describeExit("mlx_lm.server", exit);
    this.#report(
      new GenerationFailed(`${words}. Try again; the next request starts it afresh.`, { details }),
    );
  }

  #detached(client: MlxClient): void {
    this.#client = null;
    const { url } = client.target;
    this.#report(
      new GenerationFailed(
        `The mlx_lm.server at ${url} (MLX_SERVER_URL) does not answer any more. Start it, and try again.`,
        {
          details: { url },
        },
      ),
    );
  }

  #report(error: Error): void {
    this.#failAll(error);
    this.onLost?.(error);
  }

  #failAll(error: Error): void {
    for (const { queue, control } of this.#requests.values()) {
      queue.close(error);
      control.abort(error);
    }
    this.#requests.clear();
    this.#watch();
  }
}

/** From a connection's end to the news of its process's end. */
const exitAfterBreakMs = 2_000;
