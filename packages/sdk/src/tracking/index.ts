/** Tracking and registry: runs, metrics, artifacts and models on Hearth or on an MLflow server. */
import type { ModelVersion } from "@hearth/wire/mlflow/registry";
import type { StartRunOptions } from "./client.ts";
import type { ArtifactSource } from "./content.ts";
import { currentRun } from "./current-run.ts";
import { defaultClient } from "./default-client.ts";
import { InvalidTracking } from "./errors.ts";
import type { LoadModelOptions, LoadedModel } from "./load-model.ts";
import type { LoggedModel, LogModelOptions } from "./logged-model.ts";
import type { RegisterModelOptions, VersionChoice } from "./registry.ts";
import type { MetricOptions, Run, Scalar } from "./run.ts";
import type { RunRecord, SearchRunsOptions } from "./search-runs.ts";

export { TrackingClient } from "./client.ts";
export type { StartRunOptions, TrackingOptions } from "./client.ts";
export type { ArtifactSource } from "./content.ts";
export { currentRun } from "./current-run.ts";
export { configureTracking, defaultClient } from "./default-client.ts";
export { InvalidTracking, TrackingError, TrackingUnreachable } from "./errors.ts";
export type { LoadModelOptions, LoadedModel, ModelFile } from "./load-model.ts";
export type { LoggedModel, LogModelOptions } from "./logged-model.ts";
export type { Drop } from "./outbox.ts";
export type { RegisterModelOptions, VersionChoice } from "./registry.ts";
export { Run } from "./run.ts";
export type { MetricOptions, Scalar } from "./run.ts";
export type { RunRecord, SearchRunsOptions } from "./search-runs.ts";
export { serialise } from "./serialise.ts";
export type { Json, SerialiseOptions } from "./serialise.ts";
export { track } from "./track.ts";
export type { TrackOptions } from "./track.ts";
export type { ModelVersion };

/** See `TrackingClient.startRun`. */
export function startRun(options?: StartRunOptions): Promise<Run>;
export function startRun<R>(options: StartRunOptions, body: (run: Run) => R | Promise<R>): Promise<R>;
export function startRun<R>(
  options: StartRunOptions = {},
  body?: (run: Run) => R | Promise<R>,
): Promise<Run | R> {
  const client = defaultClient();
  return body === undefined ? client.startRun(options) : client.startRun(options, body);
}

/** Logs into the current run. */
export function logMetric(key: string, value: number, options?: MetricOptions): void {
  current().logMetric(key, value, options);
}

/** Logs into the current run. */
export function logMetrics(metrics: Readonly<Record<string, number>>, options?: MetricOptions): void {
  current().logMetrics(metrics, options);
}

/** Logs into the current run. */
export function logParam(key: string, value: Scalar): void {
  current().logParam(key, value);
}

/** Logs into the current run. */
export function logParams(params: Readonly<Record<string, Scalar>>): void {
  current().logParams(params);
}

/** Sets tags of the current run. */
export function setTags(tags: Readonly<Record<string, Scalar>>): void {
  current().setTags(tags);
}

/** Stores a file with the current run. */
export function logArtifact(source: ArtifactSource, folder?: string): Promise<void> {
  return current().logArtifact(source, folder);
}

/** Stores files as a model of the current run. */
export function logModel(options: LogModelOptions): Promise<LoggedModel> {
  return current().logModel(options);
}

/** See `TrackingClient.flush`. */
export function flush(): Promise<void> {
  return defaultClient().flush();
}

/** See `TrackingClient.searchRuns`. */
export function searchRuns(options?: SearchRunsOptions): AsyncGenerator<RunRecord> {
  return defaultClient().searchRuns(options);
}

/** See `TrackingClient.registerModel`. */
export function registerModel(options: RegisterModelOptions): Promise<ModelVersion> {
  return defaultClient().registerModel(options);
}

/** See `TrackingClient.setAlias`. */
export function setAlias(name: string, alias: string, version: number | string): Promise<void> {
  return defaultClient().setAlias(name, alias, version);
}

/** See `TrackingClient.loadModel`. */
export function loadModel(
  name: string,
  choice?: VersionChoice,
  options?: LoadModelOptions,
): Promise<LoadedModel> {
  return defaultClient().loadModel(name, choice, options);
}

function current(): Run {
  const run = currentRun();
  if (run !== undefined) return run;
  throw new InvalidTracking(
    "No run is current here: call this inside startRun(options, body), run.scope or a tracked function, " +
      "or use the methods of a run.",
  );
}
