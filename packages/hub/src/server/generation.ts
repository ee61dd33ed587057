import { randomUUID } from "node:crypto";
import type { Trace } from "@hearth/wire/hub/inference";
import type { Answer, AnswerEvent, AnswerRequest, Generation } from "../api/services.ts";
import { HearthError, serialiseError } from "../errors.ts";
import type { GenerateEvent } from "../inference/engine.ts";
import type { Pool } from "../inference/pool.ts";
import type { Registry } from "../registry/registry.ts";
import type { ServedVersion } from "../registry/served-version.ts";
import type { AnswerSpan, AnswerSpans, AnswerSpanStart } from "../telemetry/answer-spans.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { clientOf, currentCaller } from "./middleware/caller.ts";
import type { AnswerContent } from "../tracking/tracing/answer-content.ts";
import type { Traces } from "../tracking/traces.ts";

export interface GenerationDependencies {
  registry: Pick<Registry, "served">;
  pool: Pick<Pool, "generate">;
  traces: Pick<Traces, "record">;
  metrics: Metrics;
  spans?: AnswerSpans;
  /** Default: not. */
  keepContent?: boolean;
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
  /** Clock reading. */
  lastTokenAt: number | null;
  /** Tokens that came together first. */
  firstTokens: number;
  queueMs: number;
  span: AnswerSpan | null;
  /** As far as it is kept. */
  text: string;
}

/**
 * Where registry, engines, traces and metrics meet: a reference becomes a version, its engine
 * answers, and whatever way it ends, one trace names the version, its checksum and its run.
 */
export function createGeneration({
  registry,
  pool,
  traces,
  metrics,
  spans,
  keepContent = false,
}: GenerationDependencies): Generation {
  const finish = (progress: Progress, end: Pick<Trace, "status" | "finish_reason" | "error_code">): void => {
    const { request, version, promptTokens, cachedTokens, completionTokens, ttftMs } = progress;
    const latencyMs = performance.now() - request.receivedAt;
    const model = metrics.modelLabel(version.model);
    metrics.inferenceRequests.inc({ model, endpoint: request.endpoint, status: end.status });
    metrics.inferenceDuration.observe({ model }, latencyMs / 1000);
    metrics.inferenceTokens.inc({ model, kind: "prompt" }, promptTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "cached" }, cachedTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "completion" }, completionTokens);
    const later = completionTokens - progress.firstTokens;
    if (progress.lastTokenAt !== null && ttftMs !== null && later > 0) {
      const decodingMs = progress.lastTokenAt - request.receivedAt - ttftMs;
      if (decodingMs > 0) metrics.inferenceSpeed.observe({ model }, (later * 1000) / decodingMs);
    }
    progress.span?.end({
      errorCode: end.error_code,
      finishReason: end.finish_reason,
      inputTokens: promptTokens,
      cachedTokens,
      outputTokens: completionTokens,
      attributes: {
        "hearth.queue_ms": progress.queueMs,
        ...(version.run_id === null ? {} : { "hearth.run_id": version.run_id }),
      },
    });
    traces.record({
      id: progress.traceId,
      endpoint: request.endpoint,
      model: version.model,
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
      ...(keepContent ? { content: contentOf(progress) } : {}),
    });
  };

  const measureTokens = (progress: Progress, count: number): void => {
    const now = performance.now();
    const model = metrics.modelLabel(progress.version.model);
    if (progress.ttftMs === null) {
      progress.ttftMs = now - progress.request.receivedAt;
      progress.firstTokens = count;
      metrics.inferenceTtft.observe({ model }, progress.ttftMs / 1000);
      progress.span?.firstToken();
    } else if (progress.lastTokenAt !== null && count > 0) {
      const each = (now - progress.lastTokenAt) / 1000 / count;
      for (let token = 0; token < count; token++) metrics.inferenceInterToken.observe({ model }, each);
    }
    progress.lastTokenAt = now;
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
          measureTokens(progress, event.ids.length);
          progress.completionTokens += event.ids.length;
          if (keepContent && progress.text.length < keptCharacters) progress.text += event.text;
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
      const { model: _name, endpoint: _endpoint, receivedAt: _receivedAt, user, ...asked } = request;
      const progress: Progress = {
        traceId: randomUUID(),
        request,
        version,
        promptTokens: null,
        cachedTokens: null,
        completionTokens: 0,
        ttftMs: null,
        lastTokenAt: null,
        firstTokens: 0,
        queueMs: 0,
        span: null,
        text: "",
      };
      progress.span = spans?.start?.(spanStart(progress, currentCaller().traceparent)) ?? null;
      const generated = pool.generate(
        version.id,
        {
          ...asked,
          client: clientOf(currentCaller(), user),
          onAdmitted: ({ queueMs }) => {
            progress.queueMs = queueMs;
            metrics.inferenceQueue.observe({ model: metrics.modelLabel(version.model) }, queueMs / 1000);
          },
        },
        signal,
      );
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
        promptTokens: progress.promptTokens,
        cachedTokens: progress.cachedTokens,
        events: follow(generated, progress),
      };
    },
  };
}

/** More of an answer is not kept. */
const keptCharacters = 100_000;

function contentOf({ request: { prompt }, text }: Progress): AnswerContent {
  const output = text === "" ? null : text;
  switch (prompt.kind) {
    case "chat":
      return {
        input: {
          messages: prompt.messages.map(({ role, content }) => ({
            role,
            content: typeof content === "string" ? content : JSON.stringify(content),
          })),
        },
        output,
      };
    case "text":
      return { input: { prompt: prompt.text }, output };
    case "tokens":
      return {
        input: { prompt: `${prompt.tokens.length} tokens: ${prompt.tokens.slice(0, 4096).join(" ")}` },
        output,
      };
  }
}

/** What a span says of a request, by OpenTelemetry's conventions for generative AI. */
function spanStart({ request, version, traceId }: Progress, traceparent: string | null): AnswerSpanStart {
  const { prompt, sampling, maxTokens, stop } = request;
  const { temperature, topP, topK, frequencyPenalty, presencePenalty, seed } = sampling;
  return {
    operation: prompt.kind === "chat" ? "chat" : "text_completion",
    requestModel: request.model,
    responseModel: `${version.model}:${version.version}`,
    responseId: traceId,
    traceparent,
    attributes: {
      "gen_ai.request.temperature": temperature,
      "gen_ai.request.top_p": topP,
      "gen_ai.request.frequency_penalty": frequencyPenalty,
      "gen_ai.request.presence_penalty": presencePenalty,
      ...(topK === 0 ? {} : { "gen_ai.request.top_k": topK }),
      ...(maxTokens === null ? {} : { "gen_ai.request.max_tokens": maxTokens }),
      ...(seed === null ? {} : { "gen_ai.request.seed": seed }),
      ...(stop.length === 0 ? {} : { "gen_ai.request.stop_sequences": stop }),
      "hearth.endpoint": request.endpoint,
    },
  };
}
