import { randomUUID } from "node:crypto";
import { readProcess } from "../process/readings.ts";
import { Admission } from "./admission.ts";
import { makeRoom } from "./budget.ts";
import type { Engine, GenerateEvent, GenerateRequest, LoadedModel, LoadOptions, Prompt } from "./engine.ts";
import { GenerationFailed, ModelLoadFailed, RequestCancelled, ResourceExhausted } from "./errors.ts";
import { defaultAdapterContexts } from "./estimate.ts";
import { LoadedBase } from "./loaded-base.ts";
import type { WaitingRoom } from "./waiting-room.ts";
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
  createEngine: () => Engine;
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
  /** Requests that may wait for one base; default 256. */
  maxWaiting?: number;
  /** Bounds who waits for all bases together; default: each base's own bound only. */
  room?: WaitingRoom;
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

/** How long a request waited before the engine got it, in milliseconds. */
export interface Admitted {
  /** For a slot. */
  queueMs: number;
  /** For its base to be loaded, of which some may have been spent in the queue. */
  loadMs: number;
}

/** What a caller asks; the id and the adapter are filled in. */
export interface PoolRequest extends Omit<GenerateRequest, "id" | "adapter"> {
  /** Who asks: waiting clients take turns. */
  client: string;
  /** Called once, when the engine gets the request. */
  onAdmitted?: (admitted: Admitted) => void;
}

const defaultMaxWaiting = 256;
/** A base that ended its process so often before its first token is not tried again. */
const earlyCrashLimit = 2;
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
  readonly #earlyCrashes = new Map<string, number>();
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
    const { client, onAdmitted, ...asked } = request;
    using lease = await this.#lease(versionId, signal, client);
    onAdmitted?.(lease.waited);
    const events = lease.engine.generate({ ...asked, id: randomUUID(), adapter: lease.adapter }, signal);
    for await (const event of events) {
      if (event.type === "tokens" && !lease.loaded.answered) {
        lease.loaded.answered = true;
        this.#earlyCrashes.delete(lease.loaded.key);
      }
      yield event;
    }
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
    const spare = (this.#spare = this.#options.createEngine());
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
    const leave = loaded.admission.visit();
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
    this.#earlyCrashes.delete(base);
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
    const stopping = new GenerationFailed("The hub is stopping.");
    await Promise.all([
      spare?.unload(),
      ...[...this.#bases.values()].map((loaded) => this.#remove(loaded, stopping)),
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

  /**
   * Enters a version's engine; disposing of the lease leaves it. With a client, a slot is waited for;
   * without one, the engine is only kept from being unloaded.
   */
  async #lease(versionId: string, signal: AbortSignal, client: string | null = null) {
    const since = performance.now();
    for (;;) {
      this.#closed.signal.throwIfAborted();
      if (signal.aborted) throw new RequestCancelled(signal.reason);
      const files = await this.#options.resolve(versionId);
      const loaded = this.#baseOf(files);
      try {
        return await this.#enter(loaded, files, signal, client, since);
      } catch (error) {
        // It had not begun: it goes to the engine that takes the lost one's place.
        if (!(error instanceof LostWhileWaiting)) throw error;
      }
    }
  }

  #baseOf(files: ServedModel): LoadedBase {
    const { baseSha256 } = files.base;
    const reason = this.#quarantined.get(baseSha256);
    if (reason !== undefined) throw new ModelLoadFailed(reason, { details: { quarantined: true } });
    return this.#bases.get(baseSha256) ?? this.#load(baseSha256, files, {});
  }

  async #enter(
    loaded: LoadedBase,
    { base, adapter }: ServedModel,
    signal: AbortSignal,
    client: string | null,
    since: number,
  ) {
    const { admission, engine } = loaded;
    loaded.stopResting();
    const leave =
      client === null
        ? admission.visit()
        : await admission.enter({ client, group: adapter?.sha256 ?? null }, signal);
    const queueMs = performance.now() - since;
    const end = (): void => {
      leave();
      loaded.lastUsed = performance.now();
      if (this.#bases.get(loaded.key) === loaded) {
        loaded.restWhenUnused(this.#options.keepAliveMs, () => this.#unloadUnused(loaded));
      }
    };
    try {
      const model = await until(loaded.ready, signal);
      engine.useThreads(this.#threadsFor(base.bytes));
      const waited: Admitted = { queueMs, loadMs: performance.now() - since - queueMs };
      return { loaded, engine, adapter, model, waited, [Symbol.dispose]: end };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Reserves memory and begins to load. The decision is made at once, so that two loads cannot both take the last room. */
  #load(key: string, files: ServedModel, special: Partial<LoadOptions>): LoadedBase {
    this.#closed.signal.throwIfAborted();
    const { slots, threads, contextSize, maxWaiting = defaultMaxWaiting, room } = this.#options;
    const engine = this.#spare ?? this.#options.createEngine();
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
      new Admission({
        slots: options.slots,
        groups: adapterContexts,
        maxWaiting,
        ...(room === undefined ? {} : { room }),
      }),
      async () => {
        await Promise.all(gone);
        try {
          const model = await engine.load(files.base, { ...options, adapterContexts }, this.#closed.signal);
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
    this.#countCrash(loaded.key, error.message);
  }

  /** An engine that ended its process before its first token is as bad as one that could not load. */
  #lost(loaded: LoadedBase, error: Error): void {
    this.#crashes += 1;
    this.#report({ type: "lost", base: loaded.key, error });
    if (!loaded.answered) this.#countCrash(loaded.key, error.message);
    void this.#remove(loaded, new LostWhileWaiting(error));
  }

  #countCrash(base: string, words: string): void {
    const crashes = (this.#earlyCrashes.get(base) ?? 0) + 1;
    this.#earlyCrashes.set(base, crashes);
    if (crashes < earlyCrashLimit) return;
    const reason = `This model ended its process ${crashes} times before it gave an answer and is not tried again until it is unloaded or the hub restarts. ${words}`;
    this.#quarantined.set(base, reason);
    this.#report({ type: "quarantined", base, reason });
  }

  #unloadUnused(loaded: LoadedBase): void {
    if (!loaded.idle || this.#bases.get(loaded.key) !== loaded) return;
    this.#report({ type: "unloaded", base: loaded.key, reason: "unused" });
    void this.#remove(loaded);
  }

  /** Takes a base out and ends its engine. Its requests in progress fail, and with `reason` those that wait. */
  async #remove(
    loaded: LoadedBase,
    reason: Error = new GenerationFailed("The model was unloaded."),
  ): Promise<void> {
    loaded.stopResting();
    loaded.admission.end(reason);
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

/** An engine died before this request had begun. */
class LostWhileWaiting extends GenerationFailed {
  constructor(cause: Error) {
    super("The engine ended while this request waited for it.", { cause });
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
