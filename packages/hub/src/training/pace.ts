import type { TrainingQueue } from "@hearth/wire/hub/training";

export type Pace = TrainingQueue["pace"];

/** The hottest part of the machine, and whether the system slows it down for its heat without telling a figure. */
export interface HeatReading {
  celsius: number | null;
  throttled: boolean;
}

export interface PaceOptions {
  /** What jobs do while people wait for answers. */
  yield: "off" | "slow" | "pause";
  /** Jobs wait between steps above it; null: never. */
  cooldownAboveCelsius: number | null;
  readHeat: () => Promise<HeatReading>;
  /** A cooldown began, or ended after so many milliseconds. */
  onCooldown: (reading: HeatReading, ended: { afterMs: number } | null) => void;
  onFailed: (error: unknown) => void;
  /** Between two readings of the temperature, while a job runs. */
  heatPollMs?: number;
  /** How long after the last answer jobs still give way: the next question of a conversation comes soon. */
  lingerMs?: number;
  now?: () => number;
}

/** The part of the time in which a job computes while it gives way without standing still. */
export const slowShare = 0.25;
/** How much colder it must be before work goes on, °C: else it would begin and end with every step. */
export const colderBy = 5;
const full: Pace = { share: 1, reason: null };

/**
 * How fast running jobs may go: at full speed, or giving way to answers and to heat. Trainers are told whenever it
 * changes and wait between their steps, which changes when a step is computed and never what.
 */
export class TrainingPace implements Disposable {
  readonly #options: PaceOptions;
  readonly #followers = new Set<(pace: Pace) => void>();
  #asking = 0;
  #lingering: NodeJS.Timeout | null = null;
  #heatTimer: NodeJS.Timeout | null = null;
  #hotSince: number | null = null;
  #current = full;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  get current(): Pace {
    return this.#current;
  }

  /** Tells of the pace now and of every change, until the returned function is called. */
  follow(tell: (pace: Pace) => void): () => void {
    this.#followers.add(tell);
    this.#watchHeat();
    tell(this.#current);
    return () => {
      this.#followers.delete(tell);
      this.#watchHeat();
    };
  }

  /** How many requests run or wait. */
  serving(asking: number): void {
    if (this.#options.yield === "off") return;
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
    if (asking > 0) return this.#serve(asking);
    this.#lingering = setTimeout(() => this.#serve(0), this.#options.lingerMs ?? 1_000).unref();
  }

  /** Reads the temperature now; what a timer does while a job runs. */
  async readHeat(): Promise<void> {
    const { cooldownAboveCelsius: limit, readHeat, onCooldown, now = Date.now } = this.#options;
    if (limit === null) return;
    const reading = await readHeat();
    const celsius = reading.celsius ?? (reading.throttled ? Number.POSITIVE_INFINITY : null);
    // A sensor that tells nothing any more keeps nobody waiting.
    if (this.#hotSince !== null && (celsius === null || celsius < limit - colderBy)) {
      const afterMs = now() - this.#hotSince;
      this.#hotSince = null;
      onCooldown(reading, { afterMs });
    } else if (this.#hotSince === null && celsius !== null && celsius > limit) {
      this.#hotSince = now();
      onCooldown(reading, null);
    }
    this.#tell();
  }

  [Symbol.dispose](): void {
    this.#followers.clear();
    this.#watchHeat();
    if (this.#lingering !== null) clearTimeout(this.#lingering);
  }

  #serve(asking: number): void {
    this.#asking = asking;
    this.#tell();
  }

  #tell(): void {
    const next = this.#next();
    if (next.share === this.#current.share && next.reason === this.#current.reason) return;
    this.#current = next;
    for (const tell of this.#followers) tell(next);
  }

  #next(): Pace {
    if (this.#hotSince !== null) return { share: 0, reason: "cooldown" };
    if (this.#asking === 0) return full;
    return { share: this.#options.yield === "pause" ? 0 : slowShare, reason: "serving" };
  }

  #watchHeat(): void {
    const { cooldownAboveCelsius, heatPollMs = 10_000, onFailed } = this.#options;
    if (this.#followers.size > 0 && cooldownAboveCelsius !== null) {
      const read = () => void this.readHeat().catch(onFailed);
      this.#heatTimer ??= setInterval(read, heatPollMs).unref();
      return;
    }
    if (this.#heatTimer !== null) clearInterval(this.#heatTimer);
    this.#heatTimer = null;
    if (this.#followers.size > 0 || this.#hotSince === null) return;
    // Nobody waits for it any more; the next job finds out for itself.
    this.#hotSince = null;
    this.#tell();
  }
}
