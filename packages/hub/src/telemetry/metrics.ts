import type { MachineReading } from "@hearth/wire/hub/machine";
import type { ProviderStatus } from "@hearth/wire/hub/status";
import { boundedLabels } from "./bounded-labels.ts";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { machineGauges } from "./machine-gauges.ts";
import { providerGauges } from "./provider-gauges.ts";

/** Models that get series of their own; those beyond share one. */
const modelLabels = 100;
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Values that are read when somebody asks for the metrics, not counted as they happen. */
export interface Readings {
  jobs: Readonly<Record<string, number>>;
  engines: readonly { base: string; memoryBytes: number }[];
  inference: { active: number; queued: number };
  providers: readonly ProviderStatus[];
  /** Since the start of the hub. */
  evictions: number;
  engineCrashes: number;
  memory: { budgetBytes: number; usedBytes: number };
  machine: MachineReading;
  models: number;
  versions: Readonly<Record<string, number>>;
  eventLoopDelaySeconds: { p50: number; p99: number; max: number };
}

/** Between two tokens: from a small model on a fast machine to a large one that others slow down. */
const tokenSeconds = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5];
const tokensPerSecond = [1, 2.5, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 250, 500, 1000, 2500];
const sequences = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * The hub's Prometheus metrics, on a registry of their own (several hubs may live in one
 * process). Counters and histograms are fed where things happen; gauges by `read`, which is
 * called once per scrape.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: string[], buckets = seconds) =>
    new Histogram({ name, help, labelNames, registers, buckets });

  const live = {
    httpRequests: counter("hearth_http_requests_total", "Requests answered.", ["method", "route", "status"]),
    httpDuration: histogram(
      "hearth_http_request_duration_seconds",
      "Time until the answer began (streams) or was complete.",
      ["method", "route"],
    ),
    inferenceRequests: counter("hearth_inference_requests_total", "Generations by how they ended.", [
      "model",
      "endpoint",
      "status",
    ]),
    inferenceTtft: histogram("hearth_inference_ttft_seconds", "Time from the request to its first token.", [
      "model",
    ]),
    inferenceDuration: histogram(
      "hearth_inference_duration_seconds",
      "Time from the request to its last token.",
      ["model"],
    ),
    inferenceQueue: histogram(
      "hearth_inference_queue_seconds",
      "Time that a request waited for a slot; 0 where one was free.",
      ["model"],
    ),
    inferenceInterToken: histogram(
      "hearth_inference_inter_token_seconds",
      "Time between two tokens of an answer.",
      ["model"],
      tokenSeconds,
    ),
    inferenceSpeed: histogram(
      "hearth_inference_tokens_per_second",
      "Speed of an answer after its first token.",
      ["model"],
      tokensPerSecond,
    ),
    engineBatch: histogram(
      "hearth_engine_batch_size",
      "Answers that got a token in one decoding step.",
      [],
      sequences,
    ),
    engineLoads: histogram(
      "hearth_engine_load_seconds",
      "Time that loading a model took; counts the loads, those after a crash among them.",
      [],
    ),
    /** The name of a model as a label. */
    modelLabel: boundedLabels(modelLabels),
    inferenceTokens: counter(
      "hearth_inference_tokens_total",
      "Tokens read (prompt, of which cached) and written (completion).",
      ["model", "kind"],
    ),
    jobLoss: gauge("hearth_training_loss", "Last training loss of a job of this process.", ["job", "model"]),
    jobTokensPerSecond: gauge(
      "hearth_training_tokens_per_second",
      "Training speed of a job of this process.",
      ["job", "model"],
    ),
    jobStep: gauge("hearth_training_step", "Optimizer steps done by a job of this process.", [
      "job",
      "model",
    ]),
    evaluations: counter("hearth_evaluations_total", "Evaluations by how they ended.", ["status"]),
    evaluationAccuracy: gauge("hearth_evaluation_accuracy", "Accuracy of the last evaluation.", [
      "model",
      "version",
      "dataset",
    ]),
  };

  const jobs = gauge("hearth_training_jobs", "Jobs in the database.", ["status"]);
  const models = gauge("hearth_models", "Registered models.");
  const versions = gauge("hearth_model_versions", "Registered versions.", ["status"]);
  const engines = gauge("hearth_engines_loaded", "Engine processes that hold a model.");
  const engineMemory = gauge("hearth_engine_memory_bytes", "Resident memory of an engine process.", ["base"]);
  const evictions = gauge(
    "hearth_engine_evictions_total",
    "Idle engines unloaded to make room, since the start.",
  );
  const crashes = gauge(
    "hearth_engine_crashes_total",
    "Engine processes that died unasked, since the start.",
  );
  const active = gauge("hearth_inference_active", "Generations under way.");
  const queued = gauge("hearth_inference_queue_length", "Generations that wait for a slot.");
  const memory = gauge("hearth_memory_bytes", "Memory budget, what of it is in use, and the machine's own.", [
    "kind",
  ]);
  const delay = gauge(
    "hearth_event_loop_delay_seconds",
    "How late the hub's event loop ran, over the last minute.",
    ["quantile"],
  );

  const readProviders = providerGauges(gauge);
  const readMachine = machineGauges(gauge);

  /** Takes over the readings of this moment. */
  const read = (readings: Readings): void => {
    setAll(jobs, "status", readings.jobs);
    setAll(versions, "status", readings.versions);
    models.set(readings.models);
    engines.set(readings.engines.length);
    engineMemory.reset();
    for (const engine of readings.engines) engineMemory.set({ base: engine.base }, engine.memoryBytes);
    evictions.set(readings.evictions);
    crashes.set(readings.engineCrashes);
    active.set(readings.inference.active);
    queued.set(readings.inference.queued);
    readProviders(readings.providers);
    readMachine(readings.machine);
    memory.set({ kind: "budget" }, readings.memory.budgetBytes);
    memory.set({ kind: "used" }, readings.memory.usedBytes);
    memory.set({ kind: "machine_total" }, readings.machine.memory_total_bytes);
    memory.set({ kind: "machine_available" }, readings.machine.memory_available_bytes);
    delay.set({ quantile: "0.5" }, readings.eventLoopDelaySeconds.p50);
    delay.set({ quantile: "0.99" }, readings.eventLoopDelaySeconds.p99);
    delay.set({ quantile: "1" }, readings.eventLoopDelaySeconds.max);
  };

  return { ...live, read, contentType: registry.contentType, text: () => registry.metrics() };
}

function setAll(gauge: Gauge, label: string, values: Readonly<Record<string, number>>): void {
  gauge.reset();
  for (const [value, count] of Object.entries(values)) gauge.set({ [label]: value }, count);
}
