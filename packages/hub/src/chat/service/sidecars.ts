import { join } from "node:path";
import { HearthError } from "../../errors.ts";
import type { ChatTransport } from "../transport.ts";
import type { SidecarSettings } from "../sidecar/messages.ts";
import type { SidecarConnections } from "./address.ts";
import { placeOf } from "./place.ts";
import { Sidecar } from "./sidecar.ts";

export interface SidecarsOptions {
  /** `off`: never; `on-demand`: when the first turn comes; `always`: with the hub. */
  start: "off" | "on-demand" | "always";
  count: number;
  transport: ChatTransport;
  settings: () => SidecarSettings;
  logsFolder: string;
  recordsFolder: string;
  pingEveryMs?: number;
  pingTimeoutMs?: number;
  onChange: () => void;
  onFailed: (facts: { sidecar: string; error: string; retryInMs: number }) => void;
}

/** A turn's place at a sidecar, until it is given back. */
export interface Lease extends Disposable {
  connections: SidecarConnections;
}

export interface ServiceStatus {
  state: "off" | "idle" | "starting" | "up" | "down";
  error: string | null;
  retry_after: number | null;
  sidecars: { pid: number | null; state: string; active: number; restarts: number }[];
}

const startPatienceMs = 30_000;

/** The sidecars of a hub: as many as wanted, each turn to the one with the fewest. */
export class Sidecars implements AsyncDisposable {
  readonly #options: SidecarsOptions;
  readonly #waiting = new Set<() => void>();
  #sidecars: Sidecar[] = [];
  readonly #draining = new Set<Sidecar>();
  #closed = false;

  constructor(options: SidecarsOptions) {
    this.#options = options;
  }

  /** Begins to run them, where that has not begun. */
  start(): void {
    if (this.#closed || this.#options.start === "off" || this.#sidecars.length > 0) return;
    this.#sidecars = Array.from({ length: this.#options.count }, (_, index) => this.#create(index));
  }

  /**
   * The sidecar with the fewest turns; waits while the first one starts.
   *
   * @throws HearthError `unavailable` with `retry_after_seconds` while none can be had.
   */
  async lease(signal: AbortSignal): Promise<Lease> {
    this.start();
    const deadline = Date.now() + startPatienceMs;
    for (;;) {
      signal.throwIfAborted();
      const free = this.#sidecars
        .filter(({ connections }) => connections !== null)
        .toSorted((a, b) => a.active - b.active)[0];
      const connections = free?.connections ?? null;
      if (free !== undefined && connections !== null) {
        free.active += 1;
        let held = true;
        return {
          connections,
          [Symbol.dispose]: () => {
            if (held) free.active -= 1;
            held = false;
          },
        };
      }
      const starting = this.#sidecars.some(({ state }) => state === "starting");
      if (!starting || Date.now() > deadline) throw this.#unavailable();
      await this.#changed(signal, deadline - Date.now());
    }
  }

  /** Tells all of them the settings in force; turns that run keep theirs. */
  async configure(): Promise<void> {
    await Promise.all(this.#sidecars.map((sidecar) => sidecar.configure()));
  }

  /** Replaces them one after the other; each ends when its last turn has ended. Resolves when the new ones are up. */
  async reload(signal: AbortSignal): Promise<void> {
    for (const index of this.#sidecars.keys()) {
      const old = this.#sidecars[index];
      if (old === undefined) continue;
      this.#draining.add(old);
      void old.drain().finally(() => this.#draining.delete(old));
      const next = this.#create(index);
      this.#sidecars[index] = next;
      while (next.state === "starting") {
        signal.throwIfAborted();
        await this.#changed(signal, startPatienceMs);
      }
    }
  }

  get status(): ServiceStatus {
    const sidecars = this.#sidecars.map(({ pid, state, active, restarts }) => ({
      pid,
      state,
      active,
      restarts,
    }));
    const error = this.#sidecars.find((sidecar) => sidecar.error !== null)?.error ?? null;
    const states = new Set(sidecars.map((sidecar) => sidecar.state));
    const state =
      this.#options.start === "off"
        ? "off"
        : sidecars.length === 0
          ? "idle"
          : states.has("up")
            ? "up"
            : states.has("starting")
              ? "starting"
              : "down";
    return { state, error, retry_after: state === "down" ? this.#retryAfter() : null, sidecars };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    // What is drained had its time while the hub's own requests ended.
    const all = [...this.#sidecars, ...this.#draining];
    await Promise.all(all.map((sidecar) => sidecar[Symbol.asyncDispose]()));
  }

  #create(index: number): Sidecar {
    const { transport, settings, logsFolder, recordsFolder, onFailed } = this.#options;
    const name = index === 0 ? "chat" : `chat-${index + 1}`;
    return new Sidecar({
      name,
      listen: placeOf(transport, index),
      settings,
      logFile: join(logsFolder, `${name}.log`),
      recordsFolder,
      pingEveryMs: this.#options.pingEveryMs ?? 5_000,
      pingTimeoutMs: this.#options.pingTimeoutMs ?? 5_000,
      missedPings: 3,
      onChange: () => {
        for (const resolve of this.#waiting) resolve();
        this.#options.onChange();
      },
      onFailed: (facts) => onFailed({ sidecar: name, ...facts }),
    });
  }

  #retryAfter(): number {
    const next = Math.min(...this.#sidecars.map(({ retryAt }) => retryAt).filter((at) => at > 0));
    return Number.isFinite(next) ? Math.max(1, Math.ceil((next - Date.now()) / 1000)) : 1;
  }

  #unavailable(): HearthError {
    const { state, error } = this.status;
    const why =
      state === "off"
        ? "The AI service is switched off (HEARTH_CHAT=off)."
        : `The AI service is not running${error === null ? "" : `: ${error}`}.`;
    const again = state === "off" ? "" : ` It is started again; try in ${this.#retryAfter()} s.`;
    return new HearthError("unavailable", `${why}${again}`, {
      details: { service: "chat", retry_after_seconds: this.#retryAfter() },
    });
  }

  /** Until the state of one of them changes. */
  #changed(signal: AbortSignal, patienceMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, patienceMs);
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(resolve);
    });
  }
}
