import { runResponse } from "@hearth/wire/mlflow/run";
import type { ModelVersion } from "@hearth/wire/mlflow/registry";
import { currentContext } from "./current-run.ts";
import { unwatchRun, watchRun } from "./exit.ts";
import { loadModel, type LoadModelOptions, type LoadedModel } from "./load-model.ts";
import { RunOutbox, type Drop } from "./outbox.ts";
import { environmentVariable } from "./platform/node.ts";
import { describeEnvironment } from "./provenance/environment.ts";
import { registerModel, resolveVersion, setAlias } from "./registry.ts";
import type { RegisterModelOptions, VersionChoice } from "./registry.ts";
import { Rest, type RestCall } from "./rest.ts";
import { Run, type Scalar } from "./run.ts";
import { searchRuns, toRecord, type RunRecord, type SearchRunsOptions } from "./search-runs.ts";
import { recordSystemMetrics } from "./system-metrics/record.ts";

export interface TrackingOptions {
  /** Default MLFLOW_TRACKING_URI, else a hub on this machine, `http://127.0.0.1:4747`. */
  url?: string;
  /** Bearer key; default MLFLOW_TRACKING_TOKEN, else HEARTH_API_KEY. */
  apiKey?: string;
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
  /** Experiment of runs that name none; default MLFLOW_EXPERIMENT_NAME, else `Default`. */
  experiment?: string;
  /** Metric points, params and tags of one run that may wait; default 100,000. Then the oldest points go. */
  maxBuffered?: number;
  /** How long points wait for company, in milliseconds; default 200. */
  flushIntervalMs?: number;
  /** How long `startRun`, `flush` and `end` wait for a server that does nothing, in milliseconds; default 30,000. */
  flushTimeoutMs?: number;
  /** How long the end of the process waits for a server that does nothing, in milliseconds; default 5000. */
  exitTimeoutMs?: number;
  /** How long searches, artifacts and registry calls are tried again, in milliseconds; default 30,000. */
  retryForMs?: number;
  /** Hears of everything that could not be recorded; default a warning on the console, once a run. */
  onDrop?: (drop: Drop) => void;
}

export interface StartRunOptions {
  /** Created when there is none of that name. */
  experiment?: string;
  name?: string;
  /** A text that pages show with the run. */
  description?: string;
  tags?: Readonly<Record<string, Scalar>>;
  params?: Readonly<Record<string, Scalar>>;
  /** Default the current run, if any; null for none. */
  parent?: Run | null;
  /** Continues this run instead of starting another. */
  runId?: string;
  /** Records git, machine and packages; default only for a run without a parent, whose children they are too. */
  environment?: boolean;
  /** Records processor, memory, disk, network and GPU while it runs; default interval 10,000 ms. */
  systemMetrics?: boolean | { intervalMs: number };
}

/** A client of one tracking server: Hearth or MLflow's own. It speaks MLflow's REST API and nothing else. */
export class TrackingClient {
  readonly rest: Rest;
  private readonly options: TrackingOptions;
  /** Runs that have not ended or are not sent whole. */
  private readonly open = new Set<RunOutbox>();

  constructor(options: TrackingOptions = {}) {
    this.options = options;
    this.rest = new Rest({
      url: options.url ?? environmentVariable("MLFLOW_TRACKING_URI") ?? "http://127.0.0.1:4747",
      headers: { ...authorization(options.apiKey), ...options.headers },
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
      ...(options.retryForMs === undefined ? {} : { retryForMs: options.retryForMs }),
    });
  }

  /**
   * Starts a run. With a body, the run is current while the body runs (see `currentRun`), and ends
   * FINISHED when it returns or FAILED when it throws; its result is the result. Without, the caller
   * ends the run, or `await using` does.
   * @throws TrackingUnreachable, TrackingError when the server gives or lets no run
   */
  startRun(options?: StartRunOptions): Promise<Run>;
  startRun<R>(options: StartRunOptions, body: (run: Run) => R | Promise<R>): Promise<R>;
  async startRun<R>(options: StartRunOptions = {}, body?: (run: Run) => R | Promise<R>): Promise<Run | R> {
    const run = options.runId === undefined ? this.beginRun(options) : await this.resumeRun(options.runId);
    try {
      await run.flush();
    } catch (error) {
      run.outbox.abandon(error as Error);
      throw error;
    }
    if (options.runId !== undefined) run.setTags(options.tags ?? {});
    run.logParams(options.params ?? {});
    if (options.systemMetrics !== undefined && options.systemMetrics !== false) {
      recordSystemMetrics(run, options.systemMetrics === true ? 10_000 : options.systemMetrics.intervalMs);
    }
    if (body === undefined) return run;
    let result: R;
    try {
      result = await run.scope(() => body(run));
    } catch (error) {
      // The body's own error matters more than that its record may be late.
      await run.fail(error).catch(() => undefined);
      throw error;
    }
    await run.end();
    return result;
  }

  /** Starts a run without waiting for the server; its id comes later. */
  beginRun(options: StartRunOptions = {}): Run {
    const parent = options.parent === undefined ? currentContext.get() : options.parent;
    const tags = Object.entries(options.tags ?? {}).map(([key, value]) => [key, String(value)] as const);
    return this.record({
      parent: parent?.outbox ?? null,
      creation: {
        key: crypto.randomUUID(),
        experiment: options.experiment ?? parent?.outbox.creation.experiment ?? this.experiment,
        name: options.name ?? null,
        startTime: Date.now(),
        tags: {
          ...Object.fromEntries(tags),
          ...(options.description === undefined ? {} : { "mlflow.note.content": options.description }),
        },
        environment: options.environment ?? !(parent instanceof Run),
      },
    });
  }

  /**
   * Waits until everything recorded so far is with the server, the runs of tracked calls included.
   * @throws TrackingUnreachable, TrackingError of the first run that could not be sent
   */
  async flush(): Promise<void> {
    await Promise.all([...this.open].map((outbox) => outbox.flush(this.flushTimeoutMs)));
  }

  async getRun(id: string, call: RestCall = {}): Promise<RunRecord> {
    const query = { run_id: id };
    return toRecord((await this.rest.call(runResponse, "GET", "runs/get", { ...call, query })).run);
  }

  searchRuns(options: SearchRunsOptions = {}): AsyncGenerator<RunRecord> {
    const experiments = options.experiments ?? (options.experimentIds === undefined ? [this.experiment] : []);
    return searchRuns(this.rest, { ...options, experiments });
  }

  registerModel(options: RegisterModelOptions): Promise<ModelVersion> {
    return registerModel(this.rest, options);
  }

  getModelVersion(
    name: string,
    choice: VersionChoice = "latest",
    call: RestCall = {},
  ): Promise<ModelVersion> {
    return resolveVersion(this.rest, name, choice, call);
  }

  setAlias(name: string, alias: string, version: number | string, call: RestCall = {}): Promise<void> {
    return setAlias(this.rest, name, alias, version, call);
  }

  /** @param choice `latest`, a version, or an alias */
  loadModel(
    name: string,
    choice: VersionChoice = "latest",
    options: LoadModelOptions = {},
  ): Promise<LoadedModel> {
    return loadModel(this.rest, name, choice, options);
  }

  private get experiment(): string {
    return this.options.experiment ?? environmentVariable("MLFLOW_EXPERIMENT_NAME") ?? "Default";
  }

  private get flushTimeoutMs(): number {
    return this.options.flushTimeoutMs ?? 30_000;
  }

  private async resumeRun(runId: string): Promise<Run> {
    const { id, artifactUri, startTime } = await this.getRun(runId);
    const body = { run_id: id, status: "RUNNING" };
    await this.rest.call(runResponse.partial(), "POST", "runs/update", { body });
    return this.record({
      parent: null,
      existing: { runId: id, artifactUri },
      creation: {
        key: crypto.randomUUID(),
        experiment: this.experiment,
        name: null,
        startTime: startTime?.getTime() ?? Date.now(),
        tags: {},
        environment: false,
      },
    });
  }

  private record(
    about: Pick<ConstructorParameters<typeof RunOutbox>[0], "parent" | "creation" | "existing">,
  ): Run {
    const outbox: RunOutbox = new RunOutbox({
      ...about,
      rest: this.rest,
      environment: describeEnvironment,
      maxBuffered: this.options.maxBuffered ?? 100_000,
      flushIntervalMs: this.options.flushIntervalMs ?? 200,
      onDrop: this.options.onDrop ?? warnOnce(),
      onSettled: () => {
        this.open.delete(outbox);
        unwatchRun(outbox);
      },
    });
    this.open.add(outbox);
    watchRun(outbox, this.options.exitTimeoutMs ?? 5000);
    outbox.wake();
    return new Run(outbox, { flushTimeoutMs: this.flushTimeoutMs }, (run, call) =>
      currentContext.run(run, call),
    );
  }
}

function authorization(apiKey: string | undefined): Record<string, string> {
  const key = apiKey ?? environmentVariable("MLFLOW_TRACKING_TOKEN") ?? environmentVariable("HEARTH_API_KEY");
  if (key !== undefined) return { authorization: `Bearer ${key}` };
  const user = environmentVariable("MLFLOW_TRACKING_USERNAME");
  const password = environmentVariable("MLFLOW_TRACKING_PASSWORD");
  if (user === undefined || password === undefined) return {};
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

/** One warning a run: a server that refuses everything must not fill a terminal. */
function warnOnce(): (drop: Drop) => void {
  let warned = false;
  return (drop) => {
    if (warned) return;
    warned = true;
    console.warn(
      `hearth: not everything of run ${drop.runId ?? "(not created)"} is recorded: ${drop.message}`,
    );
  };
}
