import { randomUUID } from "node:crypto";
import type { Trace } from "@hearth/wire/hub/inference";
import type { Answer, AnswerEvent, AnswerRequest, Generation } from "../api/services.ts";
import { HearthError, serialiseError } from "../errors.ts";
import type { GenerateEvent } from "../inference/engine.ts";
import type { Pool } from "../inference/pool.ts";
import type { Registry } from "../registry/registry.ts";
import type { ServedVersion } from "../registry/served-version.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Traces } from "../tracking/traces.ts";

export interface GenerationDependencies {
  registry: Pick<Registry, "served">;
  pool: Pick<Pool, "generate">;
  traces: Pick<Traces, "record">;
  metrics: Metrics;
}

/** What is known of a generation while it runs; at its end, its trace and its metrics. */
interface Progress {
  traceId: string;
  request: AnswerRequest;
  version: ServedVersion;
  promptTokens: number | null;
  cachedTokens: number | null;
  completionTokens: number;
  ttftMs: number | null;
}

/**
 * Where registry, engines, traces and metrics meet: a reference becomes a version, its engine
 * answers, and whatever way it ends, one trace names the version, its checksum and its run.
 */
export function createGeneration({ registry, pool, traces, metrics }: GenerationDependencies): Generation {
  const finish = (progress: Progress, end: Pick<Trace, "status" | "finish_reason" | "error_code">): void => {
    const { request, version, promptTokens, cachedTokens, completionTokens, ttftMs } = progress;
    const latencyMs = performance.now() - request.receivedAt;
    const model = version.model;
    metrics.inferenceRequests.inc({ model, endpoint: request.endpoint, status: end.status });
    metrics.inferenceDuration.observe({ model }, latencyMs / 1000);
    metrics.inferenceTokens.inc({ model, kind: "prompt" }, promptTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "cached" }, cachedTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "completion" }, completionTokens);
    traces.record({
      id: progress.traceId,
      endpoint: request.endpoint,
      model,
      version: version.version,
      version_id: version.id,
      run_id: version.run_id,
      artifact_sha256: version.sha256,
      ...end,
      prompt_tokens: promptTokens,
      cached_tokens: cachedTokens,
      completion_tokens: completionTokens,
      ttft_ms: ttftMs,
      latency_ms: latencyMs,
    });
  };

  const failed = (progress: Progress, error: unknown): void => {
    const { code } = serialiseError(error);
    finish(progress, {
      status: code === "cancelled" ? "cancelled" : "error",
      finish_reason: null,
      error_code: code,
    });
  };

  async function* follow(
    generated: AsyncIterable<GenerateEvent>,
    progress: Progress,
  ): AsyncGenerator<AnswerEvent, void, void> {
    let ended = false;
    try {
      for await (const event of generated) {
        if (event.type === "tokens") {
          if (progress.ttftMs === null) {
            progress.ttftMs = performance.now() - progress.request.receivedAt;
            metrics.inferenceTtft.observe({ model: progress.version.model }, progress.ttftMs / 1000);
          }
          progress.completionTokens += event.ids.length;
          yield event;
        } else if (event.type === "done") {
          progress.completionTokens = event.completionTokens;
          ended = true;
          finish(progress, { status: "ok", finish_reason: event.finishReason, error_code: null });
          const latencyMs = performance.now() - progress.request.receivedAt;
          yield {
            type: "done",
            finishReason: event.finishReason,
            completionTokens: event.completionTokens,
            ttftMs: progress.ttftMs ?? latencyMs,
            latencyMs,
          };
          return;
        }
      }
      throw new HearthError(
        "generation_failed",
        "The engine ended the answer without saying why; ask again.",
      );
    } catch (error) {
      if (!ended) failed(progress, error);
      ended = true;
      throw error;
    } finally {
      // The reader left early: its client is gone.
      if (!ended) finish(progress, { status: "cancelled", finish_reason: null, error_code: "cancelled" });
    }
  }

  return {
    async start(request: AnswerRequest, signal: AbortSignal): Promise<Answer> {
      const version = await registry.served(request.model);
      const { prompt, maxTokens, stop, sampling } = request;
      const progress: Progress = {
        traceId: randomUUID(),
        request,
        version,
        promptTokens: null,
        cachedTokens: null,
        completionTokens: 0,
        ttftMs: null,
      };
      const generated = pool.generate(version.id, { prompt, maxTokens, stop, sampling }, signal);
      try {
        const first = await generated.next();
        if (first.done === true || first.value.type !== "started") {
          throw new HearthError("generation_failed", "The engine did not begin the answer; ask again.");
        }
        progress.promptTokens = first.value.promptTokens;
        progress.cachedTokens = first.value.cachedTokens;
      } catch (error) {
        failed(progress, error);
        throw error;
      }
      return {
        version,
        traceId: progress.traceId,
        promptTokens: progress.promptTokens ?? 0,
        cachedTokens: progress.cachedTokens ?? 0,
        events: follow(generated, progress),
      };
    },
  };
}
