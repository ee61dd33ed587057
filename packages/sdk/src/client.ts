import { health, type Health } from "@hearth/wire/hub/health";
import { machineState, type MachineState } from "@hearth/wire/hub/machine";
import { hubSettings, type HubSettings } from "@hearth/wire/hub/settings";
import { hubStatus, shutdownResponse, type HubStatus } from "@hearth/wire/hub/status";
import type { z } from "zod";
import { streamChat, type ChatAnswer, type ChatOptions } from "./chat.ts";
import { DatasetsClient } from "./datasets.ts";
import { EvaluationsClient } from "./evaluations.ts";
import { ExperimentsClient } from "./experiments.ts";
import { followLive, type LiveChange, type LiveOptions } from "./live.ts";
import { ExamplesClient } from "./examples.ts";
import { InferenceClient } from "./inference.ts";
import { JobsClient } from "./jobs.ts";
import { ModelsClient } from "./models.ts";
import { ServingClient } from "./serving.ts";
import { RunsClient, TracesClient } from "./tracking.ts";
import { Transport, type CallOptions, type ClientOptions } from "./transport.ts";

/**
 * A client of one hub, for Node and browsers. Methods throw `HearthApiError` (the hub said
 * no), `HubUnreachable` (nobody answered; reads are tried again first), `UnexpectedAnswer`
 * (something else answered), or the reason of an aborted signal.
 */
export class HearthClient {
  readonly models: ModelsClient;
  readonly datasets: DatasetsClient;
  readonly examples: ExamplesClient;
  readonly jobs: JobsClient;
  readonly evaluations: EvaluationsClient;
  readonly inference: InferenceClient;
  readonly experiments: ExperimentsClient;
  readonly runs: RunsClient;
  readonly traces: TracesClient;
  readonly serving: ServingClient;
  private readonly transport: Transport;

  constructor(options: ClientOptions = {}) {
    this.transport = new Transport(options);
    this.models = new ModelsClient(this.transport);
    this.datasets = new DatasetsClient(this.transport);
    this.examples = new ExamplesClient(this.transport);
    this.jobs = new JobsClient(this.transport);
    this.evaluations = new EvaluationsClient(this.transport);
    this.inference = new InferenceClient(this.transport);
    this.experiments = new ExperimentsClient(this.transport);
    this.runs = new RunsClient(this.transport);
    this.serving = new ServingClient(this.transport);
    this.traces = new TracesClient(this.transport);
  }

  /** Where this client sends to. */
  get url(): string {
    return this.transport.url;
  }

  /** Yields text as it comes; the generator's return value is the whole answer with its figures. */
  chat(options: ChatOptions): AsyncGenerator<string, ChatAnswer> {
    return streamChat(this.transport, options);
  }

  /**
   * What changes in the hub, until it stops or the signal aborts; `ready` or `reset` comes first. Go on later with
   * the `lastEventId` of what was read last.
   */
  live(options: LiveOptions = {}): AsyncGenerator<LiveChange> {
    return followLive(this.transport, options);
  }

  health(options: CallOptions = {}): Promise<Health> {
    return this.transport.json(health, "GET", "/health", options);
  }

  status(options: CallOptions = {}): Promise<HubStatus> {
    return this.transport.json(hubStatus, "GET", "/status", options);
  }

  /** How busy the hub's machine is, now and in the last minutes. */
  machine(options: CallOptions = {}): Promise<MachineState> {
    return this.transport.json(machineState, "GET", "/machine", options);
  }

  /** How the hub runs; keys and passwords are no part of it. */
  settings(options: CallOptions = {}): Promise<HubSettings> {
    return this.transport.json(hubSettings, "GET", "/settings", options);
  }

  /** The hub's metrics in Prometheus' text format. */
  metrics(options: CallOptions = {}): Promise<string> {
    return this.transport.text("/metrics", { ...options, accept: "text/plain" });
  }

  /** Asks the hub on this machine to stop in order; it has begun when this resolves. */
  shutdown(options: CallOptions = {}): Promise<z.output<typeof shutdownResponse>> {
    return this.transport.json(shutdownResponse, "POST", "/shutdown", options);
  }
}
