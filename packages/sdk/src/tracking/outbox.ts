import { runPage, runResponse } from "@hearth/wire/mlflow/run";
import { z } from "zod";
import { putArtifact } from "./artifact-store.ts";
import { batchBody, countOf, cutText, droppedTag, isEmpty, limits, splitBatch } from "./batch.ts";
import type { Batch, MetricPoint } from "./batch.ts";
import { contentOfText } from "./content.ts";
import { TrackingError, TrackingUnreachable } from "./errors.ts";
import { forgetExperiment, resolveExperiment } from "./experiments.ts";
import { BusyError, backoffMs, pause, unref } from "./retry.ts";
import type { Rest } from "./rest.ts";
import { RunBuffer } from "./run-buffer.ts";
import type { RunCreation, RunEnd, TextArtifact, Unsent } from "./unsent.ts";

export interface Drop {
  /** How many metric points, params and tags. */
  count: number;
  /** `overflow`: the buffer was full; `refused`: the server said no; `failed`: the run could not be created. */
  reason: "overflow" | "refused" | "failed";
  /** null while the run has none. */
  runId: string | null;
  message: string;
}

export interface OutboxOptions {
  rest: Rest;
  creation: RunCreation;
  parent: RunOutbox | null;
  /** A run that exists already; it is not created. */
  existing?: { runId: string; artifactUri: string };
  /** The tags of `creation.environment`. */
  environment: () => Promise<Record<string, string>>;
  maxBuffered: number;
  flushIntervalMs: number;
  onDrop: (drop: Drop) => void;
  /** The run has ended and everything is sent, or it could not be created. */
  onSettled: () => void;
}

/** How requests behind the program's back are sent: one try a time, a few at once. */
const behind = { retryForMs: 0, queued: true };

const keyTag = "hearth.run_key";
const nothing = z.object({});

/** A 500 may be a passing fault of the server or one that this request causes each time. */
const triesOfBrokenServer = 6;

/**
 * Sends one run, in order and one request at a time: its creation, then batches, small artifacts
 * and its end. Adding never waits. While the server is away or busy it tries again, without end and
 * without keeping the process alive; the buffer's capacity bounds what waits.
 */
export class RunOutbox {
  readonly creation: RunCreation;
  readonly parent: RunOutbox | null;
  readonly rest: Rest;
  /** Fulfilled when the run exists; rejected when the server refused it. */
  readonly created: Promise<{ runId: string; artifactUri: string }>;
  /** Points, params and tags that were left out. */
  dropped = 0;
  runId: string | null = null;
  private artifactUri = "";
  private readonly options: OutboxOptions;
  private readonly buffer: RunBuffer;
  private readonly settleCreated: PromiseWithResolvers<{ runId: string; artifactUri: string }>;
  private readonly artifacts: TextArtifact[] = [];
  private end: RunEnd | null = null;
  private ended = false;
  private mayExist = false;
  private failure: Error | null = null;
  private inFlight: Batch[] = [];
  /** Tries in a row that brought nothing, and what the last of them met. */
  private failures = 0;
  private trouble: unknown = null;
  private pumping: Promise<void> | null = null;
  private timer: unknown = null;

  constructor(options: OutboxOptions) {
    this.options = options;
    this.rest = options.rest;
    this.creation = options.creation;
    this.parent = options.parent;
    this.buffer = new RunBuffer(options.maxBuffered);
    this.settleCreated = Promise.withResolvers();
    this.created = this.settleCreated.promise;
    // Who waits for it hears of a failure; a run that nobody waits for reports it as a drop.
    this.created.catch(() => undefined);
    if (options.existing !== undefined) this.exists(options.existing);
  }

  get isEnding(): boolean {
    return this.end !== null;
  }

  /** Everything is with the server, or will never be. */
  get isIdle(): boolean {
    return this.nextStep() === null;
  }

  addMetric(point: MetricPoint): void {
    this.added(this.buffer.addMetric(point));
  }

  addParam(key: string, value: string): void {
    this.added(this.buffer.addParam(key, value));
  }

  addTag(key: string, value: string): void {
    this.added(this.buffer.addTag(key, value));
  }

  addArtifact(artifact: TextArtifact): void {
    this.artifacts.push(artifact);
    this.schedule();
  }

  /** Ends the run once everything before is sent. */
  finish(end: RunEnd): void {
    this.end ??= end;
    this.wake();
  }

  /**
   * Waits until everything is sent.
   * @throws TrackingUnreachable when the server did nothing for `timeoutMs`; what is unsent stays and is still tried
   * @throws TrackingError when the server refused to create the run
   */
  async flush(timeoutMs: number): Promise<void> {
    const late = Promise.withResolvers<"late">();
    const began = Date.now();
    const check = () => {
      const leftMs = Math.max(began, this.rest.lastSuccess) + timeoutMs - Date.now();
      if (leftMs <= 0) late.resolve("late");
      else timer = setTimeout(check, leftMs);
    };
    let timer = setTimeout(check, timeoutMs);
    try {
      while (!this.isIdle) {
        this.wake();
        const pumping = this.pumping;
        if (pumping === null) break;
        if ((await Promise.race([pumping, late.promise])) === "late") {
          throw new TrackingUnreachable(
            this.rest.url,
            this.failures > 0 ? this.trouble : new Error(`${this.size} points unsent after ${timeoutMs} ms`),
          );
        }
      }
    } finally {
      clearTimeout(timer);
    }
    if (this.failure !== null) throw this.failure;
  }

  /** Points, params and tags that are not with the server yet. */
  get size(): number {
    return this.inFlight.reduce((sum, batch) => sum + countOf(batch), this.buffer.size);
  }

  /** Hands out what is unsent, for another process to send; null when there is nothing. */
  takeUnsent(): Unsent | null {
    if (this.isIdle) return null;
    const batches = [...this.inFlight];
    for (let batch = this.buffer.take(); !isEmpty(batch); batch = this.buffer.take()) batches.push(batch);
    return {
      creation: this.creation,
      parentKey: this.parent?.creation.key ?? null,
      parentId: this.parent?.runId ?? null,
      existing: this.runId === null ? null : { runId: this.runId, artifactUri: this.artifactUri },
      mayExist: this.mayExist,
      batches,
      artifacts: [...this.artifacts],
      end: this.ended ? null : this.end,
      dropped: this.dropped,
    };
  }

  /** Takes over what another process could not send. */
  restore(unsent: Unsent): void {
    this.mayExist = unsent.mayExist;
    this.dropped = unsent.dropped;
    this.inFlight.push(...unsent.batches);
    this.artifacts.push(...unsent.artifacts);
    this.end = unsent.end;
  }

  /** Starts sending now. */
  wake(): void {
    clearTimeout(this.timer as ReturnType<typeof setTimeout>);
    this.timer = null;
    this.pumping ??= this.pump().finally(() => {
      this.pumping = null;
    });
  }

  /** Gives the run up for a reason that its starter is told: nothing of it is sent any more. */
  abandon(error: Error): void {
    this.failure ??= error;
    this.settleCreated.reject(error);
    this.options.onSettled();
  }

  private added(dropped: number): void {
    if (this.failure !== null) return;
    if (dropped > 0) this.drop(dropped, "overflow", `more than ${this.buffer.capacity} points were waiting`);
    this.schedule();
  }

  private schedule(): void {
    if (this.pumping !== null) return;
    if (this.buffer.size >= limits.metrics) return this.wake();
    if (this.timer !== null) return;
    this.timer = setTimeout(() => this.wake(), this.options.flushIntervalMs);
    unref(this.timer);
  }

  private async pump(): Promise<void> {
    for (let step = this.nextStep(); step !== null; step = this.nextStep()) {
      try {
        await step();
        this.failures = 0;
      } catch (error) {
        if (!this.isPassing(error)) {
          this.fail(error instanceof Error ? error : new Error(String(error)));
          break;
        }
        this.failures++;
        this.trouble = error instanceof TrackingUnreachable ? error.cause : error;
        const retryAfterMs = error instanceof BusyError ? (error.retryAfterMs ?? 0) : 0;
        await pause(Math.max(backoffMs(this.failures, Math.random()), retryAfterMs), undefined, true);
      }
    }
    if (this.ended || this.failure !== null) this.options.onSettled();
  }

  /** The server is away or busy: the same request may do later. */
  private isPassing(error: unknown): boolean {
    if (error instanceof TrackingUnreachable) return true;
    return error instanceof BusyError && (error.status !== 500 || this.failures < triesOfBrokenServer);
  }

  private nextStep(): (() => Promise<void>) | null {
    if (this.failure !== null) return null;
    if (this.runId === null) return () => this.create();
    if (this.inFlight.length > 0 || this.buffer.size > 0) return () => this.sendBatch();
    if (this.artifacts.length > 0) return () => this.sendArtifact();
    if (this.end !== null && !this.ended) return () => this.sendEnd(this.end as RunEnd);
    return null;
  }

  private async create(): Promise<void> {
    const { creation, rest } = this;
    const parent = this.parent === null ? null : await this.parent.created;
    const experimentId = await resolveExperiment(rest, creation.experiment, behind);
    const environment = creation.environment ? await this.options.environment() : {};
    if (this.mayExist) {
      const body = {
        experiment_ids: [experimentId],
        filter: `tags.\`${keyTag}\` = '${creation.key}'`,
        max_results: 1,
      };
      const { runs } = await rest.call(runPage, "POST", "runs/search", { body, ...behind });
      const info = runs[0]?.info;
      if (info !== undefined) return this.exists({ runId: info.run_id, artifactUri: info.artifact_uri });
    }
    this.mayExist = true;
    const tags = {
      ...environment,
      ...creation.tags,
      ...(parent === null ? {} : { "mlflow.parentRunId": parent.runId }),
      [keyTag]: creation.key,
    };
    const body = {
      experiment_id: experimentId,
      start_time: creation.startTime,
      ...(creation.name === null ? {} : { run_name: creation.name }),
      tags: Object.entries(tags).map(([key, value]) => ({ key, value: cutText(value, limits.tagValue) })),
    };
    const { run } = await rest.call(runResponse, "POST", "runs/create", { body, ...behind });
    this.exists({ runId: run.info.run_id, artifactUri: run.info.artifact_uri });
  }

  private exists(run: { runId: string; artifactUri: string }): void {
    this.runId = run.runId;
    this.artifactUri = run.artifactUri;
    this.settleCreated.resolve(run);
  }

  private async sendBatch(): Promise<void> {
    const [batch = this.buffer.take()] = this.inFlight;
    if (this.inFlight.length === 0) this.inFlight.push(batch);
    try {
      await this.post(batch);
    } catch (error) {
      if (this.isPassing(error) || !(error instanceof TrackingError)) throw error;
      const parts = error.status === 400 ? splitBatch(batch) : [];
      if (parts.length > 1) {
        this.inFlight.splice(0, 1, ...parts);
        return;
      }
      this.inFlight.shift();
      this.drop(countOf(batch), "refused", error.message);
      return;
    }
    this.inFlight.shift();
  }

  private async post(batch: Batch): Promise<void> {
    const body = batchBody(this.runId ?? "", batch);
    await this.rest.call(nothing, "POST", "runs/log-batch", { body, ...behind });
  }

  private async sendArtifact(): Promise<void> {
    const [artifact] = this.artifacts;
    if (artifact === undefined) return;
    const content = contentOfText(artifact.text);
    try {
      await putArtifact(this.rest, this.artifactUri, artifact.path, content, behind);
    } catch (error) {
      if (this.isPassing(error) || !(error instanceof TrackingError)) throw error;
      this.drop(1, "refused", `${artifact.path}: ${error.message}`);
    }
    this.artifacts.shift();
  }

  private async sendEnd(end: RunEnd): Promise<void> {
    const body = { run_id: this.runId, status: end.status, end_time: end.endTime };
    await this.rest.call(nothing, "POST", "runs/update", { body, ...behind });
    this.ended = true;
  }

  private drop(count: number, reason: Drop["reason"], message: string): void {
    if (count === 0) return;
    this.dropped += count;
    if (reason !== "failed") this.buffer.addTag(droppedTag, String(this.dropped));
    this.options.onDrop({ count, reason, runId: this.runId, message });
  }

  private fail(error: Error): void {
    if (this.runId === null) forgetExperiment(this.rest, this.creation.experiment);
    const count = this.size + this.artifacts.length;
    this.failure = error;
    this.settleCreated.reject(error);
    this.inFlight = [];
    while (!isEmpty(this.buffer.take()));
    this.drop(Math.max(1, count), "failed", error.message);
  }
}
