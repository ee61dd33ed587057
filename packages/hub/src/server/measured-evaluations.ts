import { collect } from "../api/collect.ts";
import type { Generation } from "../api/services.ts";
import { serialiseError } from "../errors.ts";
import type { Ask, Evaluations, ScoreAnswer } from "../evaluation/evaluations.ts";
import { answerAsText } from "../inference/chat/answer-as-text.ts";
import type { Pool } from "../inference/pool.ts";
import { greedy } from "../inference/verify-export.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** How an evaluation asks a version: the way of every other request, with its trace, greedily. */
export function askThrough(generation: Generation): Ask {
  return async ({ version, prompt, maxTokens }, signal) => {
    const answer = await generation.start(
      {
        model: version.id,
        endpoint: "/evaluations",
        receivedAt: performance.now(),
        prompt,
        maxTokens,
        stop: [],
        sampling: greedy,
      },
      signal,
    );
    const { text, toolCalls, done } = await collect(answer);
    return { text: answerAsText(text, toolCalls), ttftMs: done.ttftMs, latencyMs: done.latencyMs };
  };
}

/** How an answer is scored: by the version's engine, without a trace; nothing is generated. */
export function scoreThrough(pool: Pick<Pool, "score">): ScoreAnswer {
  return async (version, answered, signal) => (await pool.score(version.id, answered, signal)).logprobs;
}

/** The same evaluations, counted. */
export function measuredEvaluations(evaluations: Evaluations, metrics: Metrics): Evaluations {
  return {
    ...evaluations,
    async run(request, signal, onProgress) {
      try {
        const result = await evaluations.run(request, signal, onProgress);
        metrics.evaluations.inc({ status: "ok" });
        const accuracy = result.metrics["accuracy"];
        if (accuracy !== undefined) {
          metrics.evaluationAccuracy.set(
            { model: result.model, version: String(result.version), dataset: request.dataset },
            accuracy,
          );
        }
        return result;
      } catch (error) {
        metrics.evaluations.inc({
          status: serialiseError(error).code === "cancelled" || signal.aborted ? "cancelled" : "error",
        });
        throw error;
      }
    },
  };
}
