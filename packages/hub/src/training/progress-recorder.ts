import { setTimeout as delay } from "node:timers/promises";
import type { JobProgress, TrainingSample } from "@hearth/wire/hub/training";
import type { Database } from "../storage/database.ts";
import type { TrainingRuns } from "./dependencies.ts";
import type { JobQueue } from "./queue.ts";
import type { TrainingSamples } from "./samples.ts";
import type { MetricPoint } from "./trainers/trainer.ts";

export interface ProgressRecorderOptions {
  database: Database;
  queue: JobQueue;
  runs: TrainingRuns;
  samples: TrainingSamples;
  /** Told of each sample that was not stored before, once it is. */
  onSample: (sample: TrainingSample) => void;
  jobId: string;
  runId: string;
  /** The row is written at most this often. */
  intervalMs: number;
}

interface Rewind {
  rewindTo: number;
}

/**
 * Writes what a trainer reports: the newest progress, every metric and every sample, gathered so that the
 * database sees one write per interval. A failed write ends the recording; `failed` tells why.
 */
export class ProgressRecorder implements AsyncDisposable {
  /** Rejected, once, with what a write failed of. */
  readonly failed: Promise<never>;
  readonly #options: ProgressRecorderOptions;
  readonly #fail: (reason: unknown) => void;
  readonly #stop = new AbortController();
  #recorded: Map<string, number> | null = null;
  #progress: string | null = null;
  /** In the order in which they came. */
  #metrics: (MetricPoint | Rewind)[] = [];
  #samples: TrainingSample[] = [];
  /** Stored samples of later steps are of a way that was left. */
  #staleAfter: number | null = null;
  #alive = false;
  #writing: Promise<void> | null = null;

  constructor(options: ProgressRecorderOptions) {
    this.#options = options;
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    promise.catch(() => undefined);
    this.#fail = reject;
  }

  /** A sign of life, with what it brought. */
  record(progress: JobProgress | null, metrics: readonly MetricPoint[]): void {
    this.#alive = true;
    if (progress !== null) this.#progress = JSON.stringify(progress);
    for (const point of metrics) this.#metrics.push(point);
    this.#writing ??= this.#writeSoon();
  }

  recordSample(sample: TrainingSample): void {
    this.#alive = true;
    this.#samples.push(sample);
    this.#writing ??= this.#writeSoon();
  }

  /** Steps after this one are measured again, to other values: they are recorded beside the first ones. */
  rewind(step: number): void {
    this.#metrics.push({ rewindTo: step });
    this.#samples = this.#samples.filter((sample) => sample.step <= step);
    this.#staleAfter = Math.min(step, this.#staleAfter ?? step);
  }

  /** Writes what is still waiting. */
  async flush(): Promise<void> {
    this.#stop.abort();
    await this.#writing;
    if (this.#alive) await this.#write().catch(this.#fail);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
  }

  async #writeSoon(): Promise<void> {
    try {
      await this.#write();
      // An end of the recording ends the wait.
      await delay(this.#options.intervalMs, null, { signal: this.#stop.signal }).catch(() => null);
      this.#writing = null;
      if (this.#alive && !this.#stop.signal.aborted) this.#writing = this.#writeSoon();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #write(): Promise<void> {
    const { queue, runs, samples, onSample, jobId, runId } = this.#options;
    // All is taken at once: what comes while this is written belongs to the next write.
    const progress = this.#progress;
    const points = this.#metrics.splice(0);
    const said = this.#samples.splice(0);
    this.#alive = false;
    this.#progress = null;
    const staleAfter = this.#staleAfter;
    this.#staleAfter = null;
    const metrics = await this.#unrecorded(points);
    if (staleAfter !== null) await samples.removeAfter(jobId, staleAfter);
    const [stored] = await Promise.all([
      samples.add(jobId, said),
      queue.heartbeat(jobId, progress === null ? {} : { progress }),
      metrics.length === 0 ? null : runs.logMetrics(runId, metrics),
    ]);
    for (const sample of stored) onSample(sample);
  }

  /** A resumed trainer repeats the steps after its checkpoint, to the same values: those that are recorded are left out. */
  async #unrecorded(points: (MetricPoint | Rewind)[]): Promise<MetricPoint[]> {
    this.#recorded ??= await this.#lastSteps();
    const recorded = this.#recorded;
    const fresh: MetricPoint[] = [];
    for (const point of points) {
      if ("rewindTo" in point) {
        for (const [key, step] of recorded) recorded.set(key, Math.min(step, point.rewindTo));
      } else if (point.step > (recorded.get(point.key) ?? -Infinity)) fresh.push(point);
    }
    return fresh;
  }

  async #lastSteps(): Promise<Map<string, number>> {
    const rows = await this.#options.database.db
      .selectFrom("metric_series")
      .select(["key", "step"])
      .where("run_id", "=", this.#options.runId)
      .execute();
    return new Map(rows.map((row) => [row.key, row.step]));
  }
}
