import type { LiveTopic } from "@hearth/wire/hub/live";
import { hub } from "../hub/hub.ts";

/** `polling`: the hub answers, but its stream cannot be had; `away`: nothing answers. */
export type HubPresence = "here" | "polling" | "away";

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
/** The hub tells of its machine every 2 s: a stream that is silent for so long is dead. */
const silenceMs = 15_000;

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
      else if (await this.#answers(wanted)) {
        this.#options.onPresence("polling");
        this.#tell(null);
        waitMs = longestWaitMs;
      } else if (!wanted.aborted) this.#options.onPresence("away");
      await this.#wait(waitMs);
    }
  }

  /** Until the stream ends, whatever ends it; false when it gave nothing. */
  async #follow(wanted: AbortSignal): Promise<boolean> {
    const silent = new AbortController();
    let watchdog = setTimeout(() => silent.abort(), silenceMs);
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

  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      await hub.health({ signal: AbortSignal.any([signal, AbortSignal.timeout(longestWaitMs)]) });
      return true;
    } catch {
      return false;
    }
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
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
