import { randomUUID } from "node:crypto";
import type { Trace } from "@hearth/wire/hub/inference";
import type { Answer, AnswerEvent, AnswerRequest, AnsweredBy, Generation } from "../api/services.ts";
import { HearthError, serialiseError } from "../errors.ts";
import type { GenerateEvent } from "../inference/engine.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Traces } from "../tracking/traces.ts";
import type { AnswerSource } from "./answer-sources.ts";

export interface GenerationDependencies {
  /** What answers to the name of a model; throws what the caller should see. */
  source: (model: string) => Promise<AnswerSource>;
  traces: Pick<Traces, "record">;
  metrics: Metrics;
}

/** What is known of a generation while it runs; at its end, its trace and its metrics. */
interface Progress {
  traceId: string;
  request: AnswerRequest;
  by: AnsweredBy;
  /** The model in metrics, of which there must not be any number. */
  label: string;
  promptTokens: number | null;
  cachedTokens: number | null;
  completionTokens: number;
  ttftMs: number | null;
}

/**
 * Where engines, traces and metrics meet: what a reference stands for answers, and whatever way
 * it ends, one trace names the version, its checksum and its run.
 */
export function createGeneration({ source, traces, metrics }: GenerationDependencies): Generation {
  const finish = (progress: Progress, end: Pick<Trace, "status" | "finish_reason" | "error_code">): void => {
    const { request, by, label: model, promptTokens, cachedTokens, completionTokens, ttftMs } = progress;
    const latencyMs = performance.now() - request.receivedAt;
    metrics.inferenceRequests.inc({ model, endpoint: request.endpoint, status: end.status });
    metrics.inferenceDuration.observe({ model }, latencyMs / 1000);
    metrics.inferenceTokens.inc({ model, kind: "prompt" }, promptTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "cached" }, cachedTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "completion" }, completionTokens);
    traces.record({
      id: progress.traceId,
      endpoint: request.endpoint,
      model: by.model,
      version: by.version,
      version_id: by.versionId,
      run_id: by.runId,
      artifact_sha256: by.sha256,
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
            metrics.inferenceTtft.observe({ model: progress.label }, progress.ttftMs / 1000);
          }
          progress.completionTokens += event.ids.length;
          yield event;
        } else if (event.type === "done") {
          progress.completionTokens = event.completionTokens;
          progress.promptTokens ??= event.promptTokens ?? null;
          progress.cachedTokens ??= event.cachedTokens ?? null;
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
      const { by, label, generate } = await source(request.model);
      const { prompt, maxTokens, stop, sampling } = request;
      const progress: Progress = {
        traceId: randomUUID(),
        request,
        by,
        label,
        promptTokens: null,
        cachedTokens: null,
        completionTokens: 0,
        ttftMs: null,
      };
      const generated = generate({ prompt, maxTokens, stop, sampling }, signal);
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
        by,
        traceId: progress.traceId,
        get promptTokens() {
          return progress.promptTokens;
        },
        get cachedTokens() {
          return progress.cachedTokens;
        },
        events: follow(generated, progress),
      };
    },
  };
}
