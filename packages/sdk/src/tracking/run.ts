import type { RunStatus } from "@hearth/wire/mlflow/run";
import { putArtifact } from "./artifact-store.ts";
import { checkKey } from "./batch.ts";
import { openContent, type ArtifactSource } from "./content.ts";
import { InvalidTracking } from "./errors.ts";
import { logModel, type LoggedModel, type LogModelOptions } from "./logged-model.ts";
import type { RunOutbox } from "./outbox.ts";
import { serialise } from "./serialise.ts";

export interface MetricOptions {
  /** Default 0. */
  step?: number;
  /** Milliseconds since 1970; default now. */
  timestamp?: number;
}

/** What params and tags take: anything but objects is written as its text. */
export type Scalar = string | number | bigint | boolean | null | undefined;

export interface RunLimits {
  flushTimeoutMs: number;
}

/**
 * A run that is being recorded. The log and set methods never wait: what they are given is sent
 * behind the caller's back, in order. What has a name or a value that no server takes throws
 * InvalidTracking at once. Disposing ends the run as FINISHED; a language gives a disposer no word
 * of an error, so prefer `startRun(options, body)`, or call `fail`.
 */
export class Run implements AsyncDisposable {
  /** The sending side; for the SDK's own use. */
  readonly outbox: RunOutbox;
  private readonly limits: RunLimits;
  private readonly runIn: <R>(run: Run, call: () => R) => R;
  private readonly beforeEnd: (() => Promise<void>)[] = [];
  private readonly uploads = new Set<Promise<void>>();
  private ending: Promise<void> | null = null;

  constructor(outbox: RunOutbox, limits: RunLimits, runIn: <R>(run: Run, call: () => R) => R) {
    this.outbox = outbox;
    this.limits = limits;
    this.runIn = runIn;
  }

  /**
   * The server's name of the run.
   * @throws InvalidTracking while a run that `track` began is not yet created; await `created` first
   */
  get id(): string {
    if (this.outbox.runId === null) {
      throw new InvalidTracking("This run has no id yet: await its `created` first.");
    }
    return this.outbox.runId;
  }

  /** Fulfilled with the id and the root of the artifacts when the server has created the run. */
  get created(): Promise<{ runId: string; artifactUri: string }> {
    return this.outbox.created;
  }

  /** Metric points, params and tags that could not be recorded so far. */
  get dropped(): number {
    return this.outbox.dropped;
  }

  logMetric(key: string, value: number, options: MetricOptions = {}): void {
    this.checkOpen();
    checkKey("metric", key);
    const { step = 0, timestamp = Date.now() } = options;
    if (typeof value !== "number") throw new InvalidTracking(`Metric "${key}" must be a number.`);
    if (!Number.isSafeInteger(step)) {
      throw new InvalidTracking(`The step of metric "${key}" must be a whole number; found ${step}.`);
    }
    if (!Number.isFinite(timestamp)) {
      throw new InvalidTracking(`The timestamp of metric "${key}" must be milliseconds; found ${timestamp}.`);
    }
    this.outbox.addMetric({ key, value, timestamp: Math.trunc(timestamp), step });
  }

  /** Logs several metrics of one step and one instant. */
  logMetrics(metrics: Readonly<Record<string, number>>, options: MetricOptions = {}): void {
    const { timestamp = Date.now() } = options;
    for (const [key, value] of Object.entries(metrics)) this.logMetric(key, value, { ...options, timestamp });
  }

  /** @throws InvalidTracking when the param was already set to another value */
  logParam(key: string, value: Scalar): void {
    this.checkOpen();
    this.outbox.addParam(key, textOf(value));
  }

  logParams(params: Readonly<Record<string, Scalar>>): void {
    for (const [key, value] of Object.entries(params)) this.logParam(key, value);
  }

  setTag(key: string, value: Scalar): void {
    this.checkOpen();
    this.outbox.addTag(key, textOf(value));
  }

  setTags(tags: Readonly<Record<string, Scalar>>): void {
    for (const [key, value] of Object.entries(tags)) this.setTag(key, value);
  }

  /**
   * Stores a file: in Node the path of a file or a folder (with all below it), anywhere
   * `{ path, content }` with text, bytes, a Blob or a stream. Files are read as they are sent.
   * @param folder where below the run's artifacts; default their root
   * @throws TrackingError, TrackingUnreachable
   */
  async logArtifact(source: ArtifactSource, folder = ""): Promise<void> {
    this.checkOpen();
    const upload = this.upload(source, folder);
    this.uploads.add(upload);
    try {
      await upload;
    } finally {
      this.uploads.delete(upload);
    }
  }

  /** Stores files as a model of this run, and registers it when `registerAs` is given. */
  async logModel(options: LogModelOptions): Promise<LoggedModel> {
    this.checkOpen();
    const { runId } = await this.created;
    return logModel(this.outbox.rest, runId, options);
  }

  /** Calls a function whose tracked calls become children of this run, and whose `currentRun` it is. */
  scope<R>(call: () => R): R {
    return this.runIn(this, call);
  }

  /** Does this before the run ends, such as stopping what still logs. */
  onEnd(call: () => Promise<void>): void {
    this.beforeEnd.push(call);
  }

  /** Waits until everything logged so far is with the server. */
  async flush(): Promise<void> {
    await this.outbox.flush(this.limits.flushTimeoutMs);
  }

  /**
   * Ends the run and waits until everything is with the server.
   * @throws TrackingUnreachable when it is not within `flushTimeoutMs`; it is still tried in the background
   */
  end(status: RunStatus = "FINISHED"): Promise<void> {
    this.ending ??= this.endOnce(status, Date.now());
    return this.ending;
  }

  /** Ends the run as FAILED and records the error. */
  async fail(error: unknown): Promise<void> {
    if (this.ending === null && !this.outbox.isEnding) recordException(this.outbox, error);
    await this.end("FAILED");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  private async endOnce(status: RunStatus, endTime: number): Promise<void> {
    for (const call of this.beforeEnd) await call();
    await Promise.allSettled(this.uploads);
    this.outbox.finish({ status, endTime });
    await this.flush();
  }

  private async upload(source: ArtifactSource, folder: string): Promise<void> {
    const { artifactUri } = await this.created;
    for await (const { path, content } of openContent(source)) {
      await putArtifact(this.outbox.rest, artifactUri, folder === "" ? path : `${folder}/${path}`, content);
    }
  }

  private checkOpen(): void {
    if (this.ending === null && !this.outbox.isEnding) return;
    throw new InvalidTracking("This run has ended; start another, or resume it by startRun({ runId }).");
  }
}

/** Writes an error into a run: its type and message as tags, its stack and causes as an artifact. */
export function recordException(outbox: RunOutbox, error: unknown): void {
  outbox.addTag("exception.type", error instanceof Error ? error.name : typeof error);
  outbox.addTag(
    "exception.message",
    error instanceof Error ? error.message : JSON.stringify(serialise(error)),
  );
  outbox.addArtifact({ path: "exception.txt", text: stackOf(error) });
}

/** The stack of an error and of its causes, at most 64,000 characters. */
function stackOf(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at !== undefined && at !== null && !seen.has(at);) {
    seen.add(at);
    if (!(at instanceof Error)) {
      parts.push(JSON.stringify(serialise(at)));
      break;
    }
    parts.push(at.stack ?? `${at.name}: ${at.message}`);
    at = at.cause;
  }
  return parts.join("\nCaused by: ").slice(0, 64_000);
}

function textOf(value: Scalar): string {
  return String(value);
}
