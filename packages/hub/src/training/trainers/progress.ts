import type { JobProgress, TrainingSample } from "@hearth/wire/hub/training";
import type { JobGuard } from "@hearth/wire/hub/training-queue";
import { noProgress } from "./trainer.ts";
import type { MetricPoint, TrainerEvent } from "./trainer.ts";

/** Events a second are enough for a moving picture; every step's figures still arrive. */
const eventInterval = 250;

/** Steps over which speed and time left are taken. */
const speedWindow = 50;

/** Points that a checkpoint carries: some hundred steps, more than are ever on the way. */
const recentPoints = 2000;

/** Samples that a checkpoint carries: some rounds. */
const recentSamples = 48;

/** What one optimizer step gave. */
export interface StepFigures {
  step: number;
  loss: number;
  learningRate: number;
  gradientNorm: number;
  /** Inputs that were not padding. */
  tokens: number;
  milliseconds: number;
}

/**
 * Collects the figures of a run and sends them at most four times a second, without losing any.
 * `now` gives milliseconds since 1970.
 */
export class ProgressReporter {
  readonly #onEvent: (event: TrainerEvent) => void;
  readonly #now: () => number;
  readonly #recent: { tokens: number; milliseconds: number }[] = [];
  #metrics: MetricPoint[] = [];
  #recentMetrics: MetricPoint[] = [];
  #recentSamples: TrainingSample[] = [];
  #sentAt = -Infinity;
  #progress: JobProgress = noProgress;

  constructor(onEvent: (event: TrainerEvent) => void, now: () => number = Date.now) {
    this.#onEvent = onEvent;
    this.#now = now;
  }

  /** The last points measured, for the next checkpoint. */
  get recent(): readonly MetricPoint[] {
    return this.#recentMetrics;
  }

  /** The last samples, for the next checkpoint. */
  get samples(): readonly TrainingSample[] {
    return this.#recentSamples;
  }

  /** Sends what an earlier attempt measured once more; who has it drops it. */
  repeat({
    metrics,
    samples,
  }: {
    metrics: readonly MetricPoint[];
    samples: readonly TrainingSample[];
  }): void {
    this.#metrics.push(...metrics);
    this.#recentMetrics.push(...metrics);
    for (const sample of samples) this.sample(sample);
  }

  sample(sample: TrainingSample): void {
    this.#recentSamples = [...this.#recentSamples, sample].slice(-recentSamples);
    this.#onEvent({ type: "sample", sample });
  }

  /** Says what a guard did, after all that was measured before it. */
  guard(guard: Omit<JobGuard, "at">, wentBackTo?: number): void {
    this.flush();
    this.#onEvent({ type: "guard", guard, ...(wentBackTo === undefined ? {} : { wentBackTo }) });
  }

  /** Forgets what was measured after a step: it is done again. */
  rewind(step: number): void {
    this.#recentMetrics = this.#recentMetrics.filter((point) => point.step <= step);
    this.#recentSamples = this.#recentSamples.filter((sample) => sample.step <= step);
    this.#recent.length = 0;
  }

  /** Enters a phase and says so at once. */
  phase(phase: JobProgress["phase"], known: Partial<JobProgress> = {}): void {
    this.#progress = { ...this.#progress, ...known, phase };
    if (phase !== "training") this.#progress.seconds_left = null;
    this.flush();
  }

  log(line: string): void {
    this.#onEvent({ type: "log", line });
  }

  /** Says that the process is alive, where there is nothing else to say. */
  heartbeat(): void {
    if (this.#now() - this.#sentAt < 1000) return;
    this.#sentAt = this.#now();
    this.#onEvent({ type: "heartbeat" });
  }

  step(figures: StepFigures): void {
    this.#recent.push(figures);
    if (this.#recent.length > speedWindow) this.#recent.shift();
    const milliseconds = this.#recent.reduce((sum, one) => sum + one.milliseconds, 0);
    const tokens = this.#recent.reduce((sum, one) => sum + one.tokens, 0);
    const speed = milliseconds > 0 ? (1000 * tokens) / milliseconds : null;
    const left = this.#progress.steps - figures.step;
    this.#progress = {
      ...this.#progress,
      step: figures.step,
      loss: figures.loss,
      first_loss: this.#progress.first_loss ?? figures.loss,
      learning_rate: figures.learningRate,
      tokens_per_second: speed,
      seconds_left: (left * milliseconds) / this.#recent.length / 1000,
    };
    this.#measure("loss", figures.loss, figures.step);
    this.#measure("learning_rate", figures.learningRate, figures.step);
    this.#measure("gradient_norm", figures.gradientNorm, figures.step);
    if (speed !== null) this.#measure("tokens_per_second", speed, figures.step);
    this.#sendSometimes();
  }

  validation(step: number, loss: number): void {
    this.#progress = { ...this.#progress, validation_loss: loss };
    this.#measure("validation_loss", loss, step);
    this.#sendSometimes();
  }

  /** Sends what has been collected. */
  flush(): void {
    const metrics = this.#metrics;
    this.#metrics = [];
    this.#sentAt = this.#now();
    this.#onEvent({ type: "progress", progress: { ...this.#progress }, metrics });
  }

  #measure(key: string, value: number, step: number): void {
    const point = { key, value, step, timestamp: this.#now() };
    this.#metrics.push(point);
    this.#recentMetrics.push(point);
    if (this.#recentMetrics.length > 2 * recentPoints)
      this.#recentMetrics = this.#recentMetrics.slice(-recentPoints);
  }

  #sendSometimes(): void {
    if (this.#now() - this.#sentAt >= eventInterval) this.flush();
  }
}
