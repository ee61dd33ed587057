import { randomUUID } from "node:crypto";
import { readProcess } from "../process/readings.ts";
import { Admission } from "./admission.ts";
import { makeRoom } from "./budget.ts";
import type {
  Engine,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  LoadOptions,
  ModelFormat,
  Prompt,
} from "./engine.ts";
import { GenerationFailed, ModelLoadFailed, RequestCancelled, ResourceExhausted } from "./errors.ts";
import { defaultAdapterContexts } from "./estimate.ts";
import { LoadedBase } from "./loaded-base.ts";
import { compareProbes } from "./verify-export.ts";
import type { ExportProbe, ExportVerification, ServedModel } from "./verify-export.ts";

export type PoolEvent =
  | { type: "loaded"; base: string; milliseconds: number }
  | { type: "unloaded"; base: string; reason: "evicted" | "unused" | "asked" }
  /** An engine died; its requests failed with `error`. */
  | { type: "lost"; base: string; error: Error }
  | { type: "quarantined"; base: string; reason: string };

export interface PoolOptions {
  /** Files of a ready version. Throws what the caller of `generate` should see. */
  resolve: (versionId: string) => Promise<ServedModel>;
  /** Throws PlatformUnsupported where no engine for this format can run. */
  createEngine: (format: ModelFormat) => Engine;
  /** Bytes that all engines may take together with `otherBytes`. */
  memoryBudgetBytes: number;
  /** Bytes of the budget that others hold at the moment, such as a training job. */
  otherBytes?: () => number;
  /** Most threads of an engine. */
  threads: number;
  /** Threads that others leave free at the moment, read when a request begins; default: all. */
  freeThreads?: () => number;
  slots: number;
  contextSize?: number;
  /** An engine that nobody uses for this long is unloaded. */
  keepAliveMs: number;
  /** Requests that may wait for one base; default 64. */
  maxWaiting?: number;
  onEvent?: (event: PoolEvent) => void;
}

export interface EngineStatus {
  /** Checksum of the base. */
  base: string;
  pid: number | null;
  /** Resident memory now; what was reserved for it where the system does not tell. */
  memoryBytes: number;
  reservedBytes: number;
  /** Requests under way, the waiting ones included. */
  active: number;
  waiting: number;
  adapters: number;
  contextSize: number | null;
  loadedAt: Date | null;
}

export interface PoolStatus {
  engines: EngineStatus[];
  quarantined: { base: string; reason: string }[];
  active: number;
  waiting: number;
  budgetBytes: number;
  /** Reserved by engines and held by others. */
  usedBytes: number;
  /** Since the start. */
  evictions: number;
  crashes: number;
}

/** What a caller asks; the id and the adapter are filled in. */
export type PoolRequest = Omit<GenerateRequest, "id" | "adapter">;

const defaultMaxWaiting = 64;
/** A base that ended its process so often while loading is not tried again. */
const loadCrashLimit = 2;
/** Below this size the threads of a decode step wait for each other longer than they compute. */
const oneThreadBytes = 32e6;

/**
 * The loaded models. Loads what a request needs, within the memory budget; keeps it while it is
 * used; unloads what was unused for longest when something else needs the room, never what is busy.
 */
export class Pool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #bases = new Map<string, LoadedBase>();
  readonly #unloading = new Set<Promise<void>>();
  readonly #loadCrashes = new Map<string, number>();
  readonly #quarantined = new Map<string, string>();
  readonly #closed = new AbortController();
  #spare: Engine | null = null;
  #keepSpare = false;
  #evictions = 0;
  #crashes = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Answers with a version's model; loads it first when needed.
   *
   * Errors: what `resolve` throws; ModelLoadFailed, ResourceExhausted, EngineBusy before anything
   * is given; then those of `Engine.generate`.
   */
  async *generate(
    versionId: string,
    request: PoolRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void, void> {
    using lease = await this.#lease(versionId, signal);
    yield* lease.engine.generate({ ...request, id: randomUUID(), adapter: lease.adapter }, signal);
  }

  /** The prompt as the version's model sees it; loads the model when needed. Errors: as `generate`. */
  async tokenize(versionId: string, prompt: Prompt, signal: AbortSignal): Promise<number[]> {
    using lease = await this.#lease(versionId, signal);
    return await lease.engine.tokenize(prompt, signal);
  }

  /** Loads a version's base before anybody asks it something. Errors: as `generate`. */
  async load(versionId: string, signal: AbortSignal): Promise<LoadedModel> {
    using lease = await this.#lease(versionId, signal);
    return lease.model;
  }

  /** Starts an engine without a model, so that the first load is quick; keeps one ready whenever nothing is loaded. */
  async keepSpare(): Promise<void> {
    this.#keepSpare = true;
    if (this.#spare !== null || this.#bases.size > 0 || this.#closed.signal.aborted) return;
    const spare = (this.#spare = this.#options.createEngine("gguf"));
    await spare.prepare();
  }

  /**
   * Loads files in an engine of their own and asks the probes: does the engine continue them with
   * exactly these tokens?
   *
   * Errors: ModelLoadFailed, ResourceExhausted, and those of `Engine.generate`.
   */
  async verifyExport(
    files: ServedModel,
    probes: readonly ExportProbe[],
    signal: AbortSignal,
  ): Promise<ExportVerification> {
    const loaded = this.#load(`export ${randomUUID()}`, files, { slots: 1, adapterContexts: 1 });
    const leave = loaded.admission.enter(null);
    try {
      await until(loaded.ready, signal);
      return await compareProbes(loaded.engine, files.adapter, probes, signal);
    } finally {
      leave();
      await this.#remove(loaded);
    }
  }

  /** Unloads a base, by its checksum, and lets one in quarantine be tried again. Requests in progress fail. */
  async unload(base: string): Promise<void> {
    this.#quarantined.delete(base);
    this.#loadCrashes.delete(base);
    const loaded = this.#bases.get(base);
    if (loaded === undefined) return;
    this.#report({ type: "unloaded", base, reason: "asked" });
    await this.#remove(loaded);
  }

  async status(): Promise<PoolStatus> {
    const engines = await Promise.all([...this.#bases.values()].map(statusOf));
    const sum = (count: (engine: EngineStatus) => number): number =>
      engines.reduce((total, engine) => total + count(engine), 0);
    return {
      engines,
      quarantined: [...this.#quarantined].map(([base, reason]) => ({ base, reason })),
      active: sum((engine) => engine.active),
      waiting: sum((engine) => engine.waiting),
      budgetBytes: this.#options.memoryBudgetBytes,
      usedBytes: sum((engine) => engine.reservedBytes) + this.#otherBytes(),
      evictions: this.#evictions,
      crashes: this.#crashes,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new GenerationFailed("The hub is stopping."));
    this.#keepSpare = false;
    const spare = this.#spare;
    this.#spare = null;
    await Promise.all([
      spare?.unload(),
      ...[...this.#bases.values()].map((loaded) => this.#remove(loaded)),
      ...this.#unloading,
    ]);
  }

  #otherBytes(): number {
    return this.#options.otherBytes?.() ?? 0;
  }

  #threadsFor(bytes: number): number {
    const { threads, freeThreads } = this.#options;
    return bytes < oneThreadBytes ? 1 : Math.max(1, Math.min(threads, freeThreads?.() ?? threads));
  }

  #report(event: PoolEvent): void {
    this.#options.onEvent?.(event);
  }

  /** Enters a version's engine; disposing of the lease leaves it. */
  async #lease(versionId: string, signal: AbortSignal) {
    this.#closed.signal.throwIfAborted();
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    const files = await this.#options.resolve(versionId);
    const { base, adapter } = files;
    const reason = this.#quarantined.get(base.baseSha256);
    if (reason !== undefined) throw new ModelLoadFailed(reason, { details: { quarantined: true } });
    const loaded = this.#bases.get(base.baseSha256) ?? this.#load(base.baseSha256, files, {});
    const leave = loaded.admission.enter(adapter?.sha256 ?? null);
    loaded.stopResting();
    const end = (): void => {
      leave();
      loaded.lastUsed = performance.now();
      if (this.#bases.get(loaded.key) === loaded) {
        loaded.restWhenUnused(this.#options.keepAliveMs, () => this.#unloadUnused(loaded));
      }
    };
    try {
      const model = await until(loaded.ready, signal);
      loaded.engine.useThreads(this.#threadsFor(base.bytes));
      return { engine: loaded.engine, adapter, model, [Symbol.dispose]: end };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Reserves memory and begins to load. The decision is made at once, so that two loads cannot both take the last room. */
  #load(key: string, files: ServedModel, special: Partial<LoadOptions>): LoadedBase {
    this.#closed.signal.throwIfAborted();
    const { slots, threads, contextSize, maxWaiting = defaultMaxWaiting } = this.#options;
    const { format = "gguf" } = files.base;
    const spare = format === "gguf" ? this.#spare : null;
    const engine = spare ?? this.#options.createEngine(format);
    const options: LoadOptions = {
      threads: files.base.bytes < oneThreadBytes ? 1 : threads,
      slots,
      ...(contextSize === undefined ? {} : { contextSize }),
      ...special,
    };
    const { bytes, adapterContexts, evicted } = this.#reserve(engine, files, options);
    if (engine === this.#spare) this.#spare = null;
    const gone = evicted.map((loaded) => {
      this.#evictions += 1;
      this.#report({ type: "unloaded", base: loaded.key, reason: "evicted" });
      return this.#remove(loaded);
    });
    const since = performance.now();
    const loaded: LoadedBase = new LoadedBase(
      key,
      bytes,
      engine,
      new Admission(options.slots, maxWaiting),
      async () => {
        await Promise.all(gone);
        try {
          const model = await engine.load(files.base, { ...options, adapterContexts }, this.#closed.signal);
          this.#loadCrashes.delete(key);
          this.#report({ type: "loaded", base: key, milliseconds: performance.now() - since });
          return model;
        } catch (error) {
          this.#loadFailed(loaded, error);
          throw error;
        }
      },
    );
    engine.onLost = (error) => this.#lost(loaded, error);
    this.#bases.set(key, loaded);
    return loaded;
  }

  /** With fewer contexts for adapters rather than by unloading something; with one at least. */
  #reserve(engine: Engine, { base }: ServedModel, options: LoadOptions) {
    const budget = { totalBytes: this.#options.memoryBudgetBytes, otherBytes: this.#otherBytes() };
    const most = options.adapterContexts ?? defaultAdapterContexts;
    for (let adapterContexts = most; ; adapterContexts--) {
      const bytes = engine.estimate(base, { ...options, adapterContexts }).totalBytes;
      try {
        const evicted = makeRoom("The model", bytes, this.#bases.values(), budget);
        if (evicted.length === 0 || adapterContexts <= 1) return { bytes, adapterContexts, evicted };
      } catch (error) {
        if (!(error instanceof ResourceExhausted) || adapterContexts <= 1) throw error;
      }
    }
  }

  #loadFailed(loaded: LoadedBase, error: unknown): void {
    if (this.#bases.get(loaded.key) === loaded) this.#bases.delete(loaded.key);
    if (!(error instanceof ModelLoadFailed) || error.details["crashed"] !== true) return;
    this.#crashes += 1;
    const crashes = (this.#loadCrashes.get(loaded.key) ?? 0) + 1;
    this.#loadCrashes.set(loaded.key, crashes);
    if (crashes < loadCrashLimit) return;
    const reason = `This model ended its process ${crashes} times while it was being loaded and is not tried again until it is unloaded or the hub restarts. ${error.message}`;
    this.#quarantined.set(loaded.key, reason);
    this.#report({ type: "quarantined", base: loaded.key, reason });
  }

  #lost(loaded: LoadedBase, error: Error): void {
    this.#crashes += 1;
    this.#report({ type: "lost", base: loaded.key, error });
    void this.#remove(loaded);
  }

  #unloadUnused(loaded: LoadedBase): void {
    if (!loaded.idle || this.#bases.get(loaded.key) !== loaded) return;
    this.#report({ type: "unloaded", base: loaded.key, reason: "unused" });
    void this.#remove(loaded);
  }

  /** Takes a base out and ends its engine. Its requests in progress fail. */
  async #remove(loaded: LoadedBase): Promise<void> {
    loaded.stopResting();
    if (this.#bases.get(loaded.key) === loaded) this.#bases.delete(loaded.key);
    const unloading = loaded.engine.unload();
    this.#unloading.add(unloading);
    try {
      await unloading;
    } finally {
      this.#unloading.delete(unloading);
    }
    // A spare that cannot start is no failure: the load that needs an engine says why.
    if (this.#keepSpare) this.keepSpare().catch(() => undefined);
  }
}

async function statusOf(loaded: LoadedBase): Promise<EngineStatus> {
  const { engine, admission, key, bytes, model, loadedAt } = loaded;
  const reading = engine.pid === null ? null : await readProcess(engine.pid);
  return {
    base: key,
    pid: engine.pid,
    memoryBytes: reading?.residentBytes ?? bytes,
    reservedBytes: bytes,
    active: admission.total,
    waiting: admission.waiting,
    adapters: engine.adapters,
    contextSize: model?.contextSize ?? null,
    loadedAt,
  };
}

/** Waits for something shared; giving up ends the wait only. */
async function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw new RequestCancelled(signal.reason);
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new RequestCancelled(signal.reason));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
