import { SystemSampler, type ProcessUse } from "../telemetry/system-sampler.ts";
import type { Database } from "../storage/database.ts";
import type { TrainingRuns } from "./dependencies.ts";

export interface SystemMetricsOptions {
  database: Database;
  runs: Pick<TrainingRuns, "logMetrics">;
  runId: string;
  /** Of the trainer; null when it is gone. */
  readProcess: () => Promise<ProcessUse | null>;
  /** Between two readings; default 10 s, as MLflow's. */
  intervalMs?: number;
  /** A reading that could not be written. The training goes on. */
  onFailed: (error: unknown) => void;
}

/** Metrics of MLflow's pages that show a machine begin so. */
const prefix = "system/";

/** Logs how busy machine and trainer are into the run of a job: at the start, every few seconds and at the end. */
export class SystemMetrics implements AsyncDisposable {
  readonly #options: SystemMetricsOptions;
  readonly #sampler: SystemSampler;
  readonly #timer: NodeJS.Timeout;
  #step: number | undefined;
  #reading: Promise<void>;

  constructor(options: SystemMetricsOptions) {
    this.#options = options;
    this.#sampler = new SystemSampler(options.readProcess);
    this.#reading = this.#record();
    this.#timer = setInterval(() => {
      // One after the other: a database that is slow gets no second reading to write.
      this.#reading = this.#reading.then(() => this.#record());
    }, options.intervalMs ?? 10_000);
  }

  /** Writes the last reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
    await this.#record();
  }

  async #record(): Promise<void> {
    try {
      const readings = await this.#sampler.read();
      this.#step ??= await this.#nextStep();
      const step = this.#step;
      const timestamp = Date.now();
      await this.#options.runs.logMetrics(
        this.#options.runId,
        Object.entries(readings).map(([name, value]) => ({ key: prefix + name, value, step, timestamp })),
      );
      this.#step += 1;
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  /** A job that is tried again goes on counting. */
  async #nextStep(): Promise<number> {
    const { database, runId } = this.#options;
    const row = await database.db
      .selectFrom("metric_series")
      .select((columns) => columns.fn.max("step").as("last"))
      .where("run_id", "=", runId)
      .where("key", "like", `${prefix}%`)
      .executeTakeFirst();
    return (row?.last ?? -1) + 1;
  }
}
