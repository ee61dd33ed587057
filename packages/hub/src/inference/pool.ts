import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { Admission } from "./admission.ts";
import { threadsFor, waysToLoad } from "./choose-load.ts";
import { CrashRecord } from "./crash-record.ts";
import type {
  AdapterFile,
  Embedding,
  Engine,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  LoadOptions,
  ModelFiles,
  ModelFormat,
  Prompt,
  Score,
  ScoreRequest,
} from "./engine.ts";
import {
  GenerationFailed,
  InvalidRequest,
  ModelLoadFailed,
  PlatformUnsupported,
  RequestCancelled,
} from "./errors.ts";
import { defaultAdapterContexts } from "./estimate.ts";
import { LoadedBase } from "./loaded-base.ts";
import { engineStatus } from "./pool-status.ts";
import type { EngineStatus, PoolStatus } from "./pool-status.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { planLoad } from "./plan-load.ts";
import type { LoadPlan } from "./plan-load.ts";
import { reserve } from "./reserve.ts";
import type { Wanted } from "./reserve.ts";
import { nothingSet, withDefaults } from "./serving.ts";
import type { KvCacheType, Serving } from "./serving.ts";
import { until } from "./until.ts";
import type { WaitingRoom } from "./waiting-room.ts";
import { compareFirstTokens, compareProbes } from "./verify-export.ts";
import type { ExportProbe, ExportVerification, ServedModel } from "./verify-export.ts";

export type PoolEvent =
  | { type: "loaded"; base: string; milliseconds: number }
  | { type: "load_failed"; base: string; error: Error }
  /** With the base that needs the room of one that is evicted. */
  | {
      type: "unloaded";
      base: string;
      reason: "evicted" | "unused" | "asked" | "job";
      madeRoomFor?: string;
    }
  /** A decoding step, with the number of answers that got a token in it. */
  | { type: "round"; base: string; sequences: number }
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
  /** Default: this machine's. */
  cores?: number;
  /** Of every model that does not set its own; null: chosen from the machine. */
  slots: number | null;
  contextSize?: number | null;
  kvCacheType?: KvCacheType | null;
  /** An engine that nobody uses for this long is unloaded; a request or a model can say otherwise. */
  keepAliveMs: number;
  /** Requests that may wait for one base; default 256. */
  maxWaiting?: number;
  /** Bounds who waits for all bases together; default: each base's own bound only. */
  room?: WaitingRoom;
  onEvent?: (event: PoolEvent) => void;
  /** Told how many requests run or wait, whenever that changes; must be quick. */
  onAsking?: (asking: number) => void;
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
  /** How long its base stays loaded unused afterwards; 0: not at all, Infinity: until its room is needed. Default: what is set. */
  keepAliveMs?: number | undefined;
  /** Called once, when the engine gets the request. */
  onAdmitted?: (admitted: Admitted) => void;
}

export type EmbedPoolRequest = Pick<PoolRequest, "client" | "keepAliveMs" | "onAdmitted"> & {
  inputs: Prompt[];
};

const defaultMaxWaiting = 256;

/**
 * The loaded models. Loads what a request needs, within the memory budget; keeps it while it is
 * used; unloads what was unused for longest when something else needs the room, never what is busy.
 */
export class Pool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #bases = new Map<string, LoadedBase>();
  readonly #unloading = new Set<Promise<void>>();
  readonly #crashes = new CrashRecord();
  readonly #closed = new AbortController();
  #spare: Engine | null = null;
  #keepSpare = false;
  #evictions = 0;
  #asking = 0;

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
    const { client, onAdmitted, keepAliveMs, ...asked } = request;
    using _asking = this.#ask();
    for (let attempt = 0; ; attempt++) {
      using lease = await this.#lease(versionId, signal, { client, keepAliveMs });
      refuseUnsupported(lease.engine.capabilities, asked);
      if (attempt === 0) onAdmitted?.(lease.waited);
      const events = lease.engine.generate({ ...asked, id: randomUUID(), adapter: lease.adapter }, signal);
      let begun = false;
      try {
        for await (const event of events) {
          begun = true;
          if (event.type === "tokens") this.#answered(lease.loaded);
          yield event;
        }
        return;
      } catch (error) {
        // It was sent to a process that was dead already, and nobody knew yet.
        if (begun || attempt > 0 || !isCrash(error)) throw error;
      }
    }
  }

  /** One vector for each input, in their order; loads the model when needed. Errors: as `generate`. */
  async embed(
    versionId: string,
    { inputs, client, keepAliveMs, onAdmitted }: EmbedPoolRequest,
    signal: AbortSignal,
  ): Promise<Embedding[]> {
    using _asking = this.#ask();
    using lease = await this.#lease(versionId, signal, { client, keepAliveMs });
    onAdmitted?.(lease.waited);
    const { engine, adapter } = lease;
    if (engine.embed === undefined || !engine.capabilities.embeddings)
      throw new InvalidRequest("The engine of this model gives no embeddings; name another model.", {
        field: "model",
      });
    return await engine.embed({ inputs, adapter }, signal);
  }

  /**
   * How likely a version finds an answer; loads the model when needed.
   * Errors: PlatformUnsupported where its engine cannot tell; as `generate`.
   */
  async score(
    versionId: string,
    request: Omit<ScoreRequest, "adapter">,
    signal: AbortSignal,
  ): Promise<Score> {
    using lease = await this.#lease(versionId, signal);
    const { engine, adapter } = lease;
    if (engine.score === undefined || !engine.capabilities.scores)
      throw new PlatformUnsupported(
        "the engine of this model does not tell the probabilities of an answer that it did not give itself",
      );
    return await engine.score({ ...request, adapter }, signal);
  }

  /** The prompt as the version's model sees it; loads the model when needed. Errors: as `generate`. */
  async tokenize(versionId: string, prompt: Prompt, signal: AbortSignal): Promise<number[]> {
    using lease = await this.#lease(versionId, signal);
    return await lease.engine.tokenize(prompt, signal);
  }

  /** Loads a version's base before anybody asks it something. Errors: as `generate`. */
  async load(
    versionId: string,
    signal: AbortSignal,
    { keepAliveMs }: { keepAliveMs?: number | undefined } = {},
  ): Promise<LoadedModel> {
    using lease = await this.#lease(versionId, signal, { keepAliveMs });
    return lease.model;
  }

  /**
   * What loading a version would take now, or takes, and what would have to go; nothing is done.
   * Errors: what `resolve` throws, PlatformUnsupported.
   */
  async plan(versionId: string): Promise<LoadPlan> {
    const files = await this.#options.resolve(versionId);
    const { base } = files;
    const loaded = this.#bases.get(base.baseSha256);
    const engine = loaded?.engine ?? this.#options.createEngine(base.format ?? "gguf");
    const wanted = this.#wanted(engine, base, this.#servingOf(files));
    const refusal = this.#crashes.reasonAgainst(base.baseSha256) ?? null;
    return planLoad(wanted, (load) => engine.estimate(base, load), { loaded, refusal });
  }

  /** Is this base here, and what does it do? Null when it is not loaded. */
  async engine(base: string): Promise<EngineStatus | null> {
    const loaded = this.#bases.get(base);
    return loaded === undefined ? null : await engineStatus(loaded);
  }

  /** A loaded base stays, or need not stay any more; one that is loaded later follows what is set for its model. */
  pin(base: string, pinned: boolean): void {
    const loaded = this.#bases.get(base);
    if (loaded === undefined) return;
    loaded.pinned = pinned;
    this.#rest(loaded);
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
    return await this.#inItsOwn(
      files,
      (engine) => compareProbes(engine, files.adapter, probes, signal),
      signal,
    );
  }

  /** As {@link verifyExport}, for weights that are nearly the same: how many probes it continues with the first token. */
  async compareExport(
    files: ServedModel,
    probes: readonly ExportProbe[],
    signal: AbortSignal,
  ): Promise<{ agreed: number; asked: number }> {
    return await this.#inItsOwn(
      files,
      (engine) => compareFirstTokens(engine, files.adapter, probes, signal),
      signal,
    );
  }

  async #inItsOwn<T>(
    files: ServedModel,
    ask: (engine: Engine) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const special: LoadOptions = {
      threads: threadsFor(files.base, this.#options.threads),
      slots: 1,
      adapterContexts: 1,
    };
    const loaded = this.#load(`export ${randomUUID()}`, { ...files, serving: nothingSet }, special);
    const leave = loaded.admission.visit();
    try {
      await until(loaded.ready, signal);
      return await ask(loaded.engine);
    } finally {
      leave();
      await this.#remove(loaded);
    }
  }

  /** Unloads a base, by its checksum, and lets one in quarantine be tried again. Requests in progress fail. */
  async unload(base: string, reason: "asked" | "job" = "asked"): Promise<void> {
    this.#crashes.forgive(base);
    const loaded = this.#bases.get(base);
    if (loaded === undefined) return;
    this.#report({ type: "unloaded", base, reason });
    await this.#remove(loaded);
  }

  async status(): Promise<PoolStatus> {
    const engines = await Promise.all([...this.#bases.values()].map(engineStatus));
    const sum = (count: (engine: EngineStatus) => number): number =>
      engines.reduce((total, engine) => total + count(engine), 0);
    return {
      engines,
      quarantined: this.#crashes.quarantined,
      active: sum((engine) => engine.active),
      waiting: sum((engine) => engine.waiting),
      budgetBytes: this.#options.memoryBudgetBytes,
      usedBytes: sum((engine) => engine.reservedBytes) + this.#otherBytes(),
      evictions: this.#evictions,
      crashes: this.#crashes.total,
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

  /** Counts somebody who waits for an answer, until it is disposed of. */
  #ask(): Disposable {
    this.#options.onAsking?.((this.#asking += 1));
    return { [Symbol.dispose]: () => this.#options.onAsking?.((this.#asking -= 1)) };
  }

  /** An engine that answers has not crashed in vain: what was counted against its model is forgotten. */
  #answered(loaded: LoadedBase): void {
    if (loaded.answered) return;
    loaded.answered = true;
    this.#crashes.answered(loaded.key);
  }

  #otherBytes(): number {
    return this.#options.otherBytes?.() ?? 0;
  }

  /** Of those that it was loaded with, as many as are free. */
  #threadsFor({ load: { threads } }: LoadedBase): number {
    return threads === 1 ? 1 : Math.max(1, Math.min(threads, this.#options.freeThreads?.() ?? threads));
  }

  #servingOf({ serving = nothingSet }: ServedModel): Serving {
    const { slots, contextSize = null, kvCacheType = null, keepAliveMs } = this.#options;
    return withDefaults(serving, { slots, contextSize, kvCacheType, keepAliveMs, threads: null });
  }

  #rest(loaded: LoadedBase): void {
    if (this.#bases.get(loaded.key) !== loaded) return;
    loaded.restWhenUnused(() => this.#unloadUnused(loaded));
  }

  #report(event: PoolEvent): void {
    this.#options.onEvent?.(event);
  }

  /**
   * Enters a version's engine; disposing of the lease leaves it. With a client, a slot is waited for;
   * without one, the engine is only kept from being unloaded.
   */
  async #lease(versionId: string, signal: AbortSignal, visitor: Visitor = {}) {
    const since = performance.now();
    for (;;) {
      this.#closed.signal.throwIfAborted();
      if (signal.aborted) throw new RequestCancelled(signal.reason);
      const files = await this.#options.resolve(versionId);
      const loaded = this.#baseOf(files);
      try {
        return await this.#enter(loaded, files, signal, visitor, since);
      } catch (error) {
        // It had not begun: it goes to the engine that takes the lost one's place.
        if (!(error instanceof LostWhileWaiting)) throw error;
      }
    }
  }

  #baseOf(files: ServedModel): LoadedBase {
    const { baseSha256 } = files.base;
    const reason = this.#crashes.reasonAgainst(baseSha256);
    if (reason !== undefined) throw new ModelLoadFailed(reason, { details: { quarantined: true } });
    return this.#bases.get(baseSha256) ?? this.#load(baseSha256, files);
  }

  async #enter(
    loaded: LoadedBase,
    files: ServedModel,
    signal: AbortSignal,
    { client, keepAliveMs }: Visitor,
    since: number,
  ) {
    const { adapter } = files;
    const { engine } = loaded;
    loaded.stopResting();
    const leave = await this.#admitted(loaded, client, adapter, signal);
    const queueMs = performance.now() - since;
    const end = (): void => {
      leave();
      loaded.lastUsed = performance.now();
      loaded.keepAliveMs = keepAliveMs ?? this.#servingOf(files).keepAliveMs ?? this.#options.keepAliveMs;
      this.#rest(loaded);
    };
    try {
      const model = await until(loaded.ready, signal);
      engine.useThreads(this.#threadsFor(loaded));
      const waited: Admitted = { queueMs, loadMs: performance.now() - since - queueMs };
      return { loaded, engine, adapter, model, waited, [Symbol.dispose]: end };
    } catch (error) {
      end();
      throw error;
    }
  }

  async #admitted(
    loaded: LoadedBase,
    client: string | undefined,
    adapter: AdapterFile | null,
    signal: AbortSignal,
  ): Promise<() => void> {
    if (client === undefined) return loaded.admission.visit();
    try {
      return await loaded.admission.enter({ client, group: adapter?.sha256 ?? null }, signal);
    } catch (error) {
      this.#rest(loaded);
      throw error;
    }
  }

  /** Reserves memory and begins to load. The decision is made at once, so that two loads cannot both take the last room. */
  #load(key: string, files: ServedModel, special?: LoadOptions): LoadedBase {
    this.#closed.signal.throwIfAborted();
    const { maxWaiting = defaultMaxWaiting, room } = this.#options;
    const { format = "gguf" } = files.base;
    const spare = format === "gguf" ? this.#spare : null;
    const engine = spare ?? this.#options.createEngine(format);
    const serving = this.#servingOf(files);
    const { bytes, load, evicted } = reserve(this.#wanted(engine, files.base, serving, special));
    if (engine === this.#spare) this.#spare = null;
    const gone = evicted.map((loaded) => {
      this.#evictions += 1;
      this.#report({ type: "unloaded", base: loaded.key, reason: "evicted", madeRoomFor: key });
      return this.#remove(loaded);
    });
    const since = performance.now();
    const admission = new Admission({
      slots: load.slots,
      groups: load.adapterContexts ?? defaultAdapterContexts,
      maxWaiting,
      ...(room === undefined ? {} : { room }),
    });
    const loaded: LoadedBase = new LoadedBase({
      key,
      bytes,
      engine,
      admission,
      load,
      keepAliveMs: serving.keepAliveMs ?? this.#options.keepAliveMs,
      pinned: serving.pinned,
      begin: async () => {
        await Promise.all(gone);
        try {
          const model = await engine.load(files.base, load, this.#closed.signal);
          this.#report({ type: "loaded", base: key, milliseconds: performance.now() - since });
          return model;
        } catch (error) {
          this.#loadFailed(loaded, error);
          throw error;
        }
      },
    });
    engine.onLost = (error) => this.#lost(loaded, error);
    engine.onRound = ({ sequences }) => this.#report({ type: "round", base: key, sequences });
    this.#bases.set(key, loaded);
    return loaded;
  }

  /** What a load asks for and what there is; see `reserve`. */
  #wanted(engine: Engine, base: ModelFiles, serving: Serving, special?: LoadOptions): Wanted<LoadedBase> {
    const { threads, cores = availableParallelism(), memoryBudgetBytes: totalBytes } = this.#options;
    const estimate = (load: LoadOptions): number => engine.estimate(base, load).totalBytes;
    const machine = { cores, budgetBytes: totalBytes, threads };
    return {
      ways: special === undefined ? waysToLoad(base, serving, machine, estimate) : [special],
      estimate,
      claims: () => this.#bases.values(),
      budget: { totalBytes, otherBytes: this.#otherBytes() },
    };
  }

  #loadFailed(loaded: LoadedBase, error: unknown): void {
    if (this.#bases.get(loaded.key) === loaded) this.#bases.delete(loaded.key);
    if (error instanceof Error && !this.#closed.signal.aborted)
      this.#report({ type: "load_failed", base: loaded.key, error });
    if (error instanceof ModelLoadFailed && error.details["crashed"] === true)
      this.#crashed(loaded.key, error, true);
  }

  /** An engine that ended its process before its first token is as bad as one that could not load. */
  #lost(loaded: LoadedBase, error: Error): void {
    this.#report({ type: "lost", base: loaded.key, error });
    this.#crashed(loaded.key, error, !loaded.answered);
    void this.#remove(loaded, new LostWhileWaiting(error));
  }

  #crashed(base: string, { message }: Error, early: boolean): void {
    const reason = this.#crashes.crashed(base, message, { early });
    if (reason !== null) this.#report({ type: "quarantined", base, reason });
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

/** Who enters: with a client, for a slot. */
interface Visitor {
  client?: string;
  keepAliveMs?: number | undefined;
}

/** An engine died before this request had begun. */
class LostWhileWaiting extends GenerationFailed {
  constructor(cause: Error) {
    super("The engine ended while this request waited for it.", { cause });
  }
}

function isCrash(error: unknown): boolean {
  return error instanceof GenerationFailed && error.details["crashed"] === true;
}
