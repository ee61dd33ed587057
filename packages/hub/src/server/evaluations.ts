import { collect } from "../api/collect.ts";
import type { Generation } from "../api/services.ts";
import type { Datasets } from "../datasets/datasets.ts";
import { createEvaluations as createRoom } from "../evaluation/evaluations.ts";
import type { Ask, Evaluations } from "../evaluation/evaluations.ts";
import type { Sampling } from "../inference/engine.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../storage/database.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Runs } from "../tracking/runs.ts";

/** The likeliest token, always: an evaluation gives the same figures every time. */
const greedy: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  seed: 0,
  frequencyPenalty: 0,
  presencePenalty: 0,
  repetitionPenalty: 1,
  logitBias: new Map(),
};

/** The evaluation room with the engines behind it; every answer leaves a trace like any other. */
export function createEvaluations({
  metrics,
  generation,
  ...rooms
}: {
  database: Database;
  registry: Registry;
  datasets: Datasets;
  runs: Runs;
  generation: Generation;
  metrics: Metrics;
}): Evaluations {
  const room = createRoom({ ...rooms, ask: askWith(generation) });
  return {
    ...room,
    async run(request, signal, onProgress) {
      try {
        const evaluation = await room.run(request, signal, onProgress);
        const { model, version, split, metrics: figures } = evaluation;
        metrics.evaluations.inc({ model, status: "ok" });
        const accuracy = figures["accuracy"];
        if (accuracy !== undefined)
          metrics.evaluationAccuracy.set({ model, version: String(version), split }, accuracy);
        return evaluation;
      } catch (error) {
        metrics.evaluations.inc({ model: request.model, status: signal.aborted ? "cancelled" : "error" });
        throw error;
      }
    },
  };
}

function askWith(generation: Generation): Ask {
  return async ({ version, prompt, maxTokens }, signal) => {
    const answer = await generation.start(
      {
        model: version.id,
        endpoint: "/evaluations",
        receivedAt: performance.now(),
        prompt:
          prompt.kind === "text"
            ? prompt
            : { kind: "chat", messages: prompt.messages.map((message) => ({ ...message })) },
        maxTokens,
        stop: [],
        sampling: greedy,
      },
      signal,
    );
    const { text, done } = await collect(answer);
    return { text, ttftMs: done.ttftMs, latencyMs: done.latencyMs };
  };
}
