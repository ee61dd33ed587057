import type { LiveTopic } from "@hearth/wire/hub/live";
import { HearthApiError } from "@hearth/sdk";
import { hub } from "../hub/hub.ts";

/**
 * `polling`: the hub answers, but its stream cannot be had; `locked`: it wants another key; `away`: nothing answers.
 */
export type HubPresence = "here" | "polling" | "locked" | "away";

export interface LiveConnectionOptions {
  onPresence: (presence: HubPresence) => void;
  /** Null: anything may have changed. */
  onChange: (changes: Changes | null) => void;
}

/** What changed: of each topic the ids of the things, null among them where it is not known which one. */
export type Changes = ReadonlyMap<LiveTopic, ReadonlySet<string | null>>;

const throttleMs = 500;
const firstWaitMs = 500;
const longestWaitMs = 5_000;
/** Until somebody asks for another attempt. */
const forever = Number.POSITIVE_INFINITY;
/** The hub tells of its machine every 2 s: a stream that is silent for so long is dead. */
const silenceMs = 15_000;
/** It begins to speak at once: what says nothing for so long is held back on its way. */
const firstSilenceMs = 5_000;

/** Follows the hub's feed while it is wanted, and looks from time to time while it cannot be had. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  #changed = new Map<LiveTopic, Set<string | null>>();
  #everything = false;
  #throttle: number | undefined;
  #lastEventId: string | undefined;
  #wanted: AbortController | null = null;
  #wake: () => void = () => undefined;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
  }

  /** Goes on where it was; what could not be resumed is asked for again. */
  resume(): void {
    if (this.#wanted !== null) return;
    this.#wanted = new AbortController();
    void this.#run(this.#wanted.signal);
  }

  pause(): void {
    this.#wanted?.abort();
    this.#wanted = null;
    this.#wake();
  }

  /** Tries at once instead of when it would be time again. */
  retry(): void {
    this.#wake();
  }

  async #run(wanted: AbortSignal): Promise<void> {
    for (let waitMs = firstWaitMs; !wanted.aborted; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
      const followed = await this.#follow(wanted);
      if (wanted.aborted) return;
      if (followed) waitMs = firstWaitMs;
      else {
        const presence = await this.#presence(wanted);
        if (wanted.aborted) return;
        this.#options.onPresence(presence);
        if (presence === "polling") {
          this.#tell(null);
          waitMs = longestWaitMs;
        }
        // Each attempt without the key makes the browser ask for it once more.
        if (presence === "locked") waitMs = forever;
      }
      await this.#wait(waitMs);
    }
  }

  /** Until the stream ends, whatever ends it; false when it gave nothing. */
  async #follow(wanted: AbortSignal): Promise<boolean> {
    const silent = new AbortController();
    let watchdog = setTimeout(() => silent.abort(), firstSilenceMs);
    let began = false;
    try {
      const signal = AbortSignal.any([wanted, silent.signal]);
      for await (const event of hub.live({ lastEventId: this.#lastEventId, signal })) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => silent.abort(), silenceMs);
        if (!began) this.#options.onPresence("here");
        // Without a place to resume from, what was loaded before this moment may be old.
        if (event.type === "reset" || (!began && this.#lastEventId === undefined)) this.#tell(null);
        else if (event.type === "change") this.#tell(event.topic, event.id);
        began = true;
        this.#lastEventId = event.lastEventId;
      }
    } catch {
      // However it ended, the loop above finds out whether anybody is there.
    } finally {
      clearTimeout(watchdog);
    }
    return began;
  }

  async #presence(signal: AbortSignal): Promise<HubPresence> {
    try {
      await hub.health({ signal: AbortSignal.any([signal, AbortSignal.timeout(longestWaitMs)]) });
      return "polling";
    } catch (error) {
      if (!(error instanceof HearthApiError)) return "away";
      return error.status === 401 ? "locked" : "polling";
    }
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === forever ? undefined : setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tell(topic: LiveTopic | null, id: string | null = null): void {
    if (topic === null) this.#everything = true;
    else this.#changed.set(topic, (this.#changed.get(topic) ?? new Set()).add(id));
    if (this.#throttle !== undefined) return;
    this.#throttle = window.setTimeout(() => {
      this.#throttle = undefined;
      this.#options.onChange(this.#everything ? null : this.#changed);
      this.#everything = false;
      this.#changed = new Map();
    }, throttleMs);
  }
}
