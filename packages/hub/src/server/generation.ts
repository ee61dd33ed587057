import { randomUUID } from "node:crypto";
import type { Trace } from "@hearth/wire/hub/inference";
import type {
  Addressed,
  Answer,
  AnswerEvent,
  AnswerRequest,
  Embedded,
  EmbeddingRequest,
  Generation,
} from "../api/services.ts";
import { HearthError, serialiseError } from "../errors.ts";
import { checkedAnswer } from "../inference/checked-answer.ts";
import type { GenerateEvent } from "../inference/engine.ts";
import type { Admitted, Pool } from "../inference/pool.ts";
import type { Registry } from "../registry/registry.ts";
import type { ServedVersion } from "../registry/served-version.ts";
import type { AnswerSpan, AnswerSpans, AnswerSpanStart } from "../telemetry/answer-spans.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { clientOf, currentCaller } from "./middleware/caller.ts";
import type { Traces } from "../tracking/traces.ts";
import { askedVersion } from "./asked-version.ts";
import { fittingPrompt } from "./fitting-prompt.ts";

export interface GenerationDependencies {
  registry: Pick<Registry, "served" | "resolve" | "baseOf">;
  pool: Pick<Pool, "generate" | "embed" | "tokenize" | "load">;
  traces: Pick<Traces, "record">;
  metrics: Metrics;
  spans?: AnswerSpans;
}

/** What is known of a generation while it runs; at its end, its trace and its metrics. */
interface Progress {
  traceId: string;
  request: Addressed;
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
            reasoningTokens: event.reasoningTokens ?? 0,
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

  const begin = (request: Addressed, version: ServedVersion, asked: AskedSpan): Progress => {
    const traceId = randomUUID();
    const start = { ...asked, ...spanNames(request, version), responseId: traceId };
    return {
      traceId,
      request,
      version,
      promptTokens: null,
      cachedTokens: null,
      completionTokens: 0,
      ttftMs: null,
      lastTokenAt: null,
      firstTokens: 0,
      queueMs: 0,
      span: spans?.start?.({ ...start, traceparent: currentCaller().traceparent }) ?? null,
    };
  };

  /** Who waits, and where the wait is noted. */
  const admission = (progress: Progress, user: string | null | undefined) => ({
    client: clientOf(currentCaller(), user),
    onAdmitted: ({ queueMs }: Admitted): void => {
      progress.queueMs = queueMs;
      const model = metrics.modelLabel(progress.version.model);
      metrics.inferenceQueue.observe({ model }, queueMs / 1000);
    },
  });

  return {
    async start(request: AnswerRequest, signal: AbortSignal): Promise<Answer> {
      const version = await askedVersion(registry, request);
      const progress = begin(request, version, spanOf(request));
      const { model: _m, adapter: _a, endpoint: _e, receivedAt: _r, user, truncate, ...asked } = request;
      const admitted = admission(progress, user);
      try {
        if (truncate === true) asked.prompt = await fittingPrompt(pool, version.id, asked, signal);
        const generated = checkedAnswer(pool.generate(version.id, { ...asked, ...admitted }, signal), asked);
        const first = await generated.next();
        if (first.done === true || first.value.type !== "started") {
          throw new HearthError("generation_failed", "The engine did not begin the answer; ask again.");
        }
        const { promptTokens, cachedTokens, promptLogprobs } = first.value;
        progress.promptTokens = promptTokens;
        progress.cachedTokens = cachedTokens;
        return {
          version,
          traceId: progress.traceId,
          promptTokens,
          cachedTokens,
          promptLogprobs,
          events: follow(generated, progress),
        };
      } catch (error) {
        failed(progress, error);
        throw error;
      }
    },
    async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Embedded> {
      const version = await askedVersion(registry, request);
      const progress = begin(request, version, {
        operation: "embeddings",
        attributes: { "hearth.endpoint": request.endpoint },
      });
      try {
        const { inputs, keepAliveMs, user } = request;
        const admitted = admission(progress, user);
        const embeddings = await pool.embed(version.id, { inputs, keepAliveMs, ...admitted }, signal);
        progress.promptTokens = embeddings.reduce((sum, { tokens }) => sum + tokens, 0);
        progress.cachedTokens = 0;
        finish(progress, { status: "ok", finish_reason: null, error_code: null });
        return { version, traceId: progress.traceId, embeddings };
      } catch (error) {
        failed(progress, error);
        throw error;
      }
    },
  };
}

type AskedSpan = Pick<AnswerSpanStart, "operation" | "attributes">;

function spanNames(request: Addressed, version: ServedVersion) {
  return { requestModel: request.model, responseModel: `${version.model}:${version.version}` };
}

/** What a span says of a request, by OpenTelemetry's conventions for generative AI. */
function spanOf({ prompt, sampling, maxTokens, stop, endpoint }: AnswerRequest): AskedSpan {
  const { temperature, topP, topK, frequencyPenalty, presencePenalty, seed } = sampling;
  return {
    operation: prompt.kind === "chat" ? "chat" : "text_completion",
    attributes: {
      "gen_ai.request.temperature": temperature,
      "gen_ai.request.top_p": topP,
      "gen_ai.request.frequency_penalty": frequencyPenalty,
      "gen_ai.request.presence_penalty": presencePenalty,
      ...(topK === 0 ? {} : { "gen_ai.request.top_k": topK }),
      ...(maxTokens === null ? {} : { "gen_ai.request.max_tokens": maxTokens }),
      ...(seed === null ? {} : { "gen_ai.request.seed": seed }),
      ...(stop.length === 0 ? {} : { "gen_ai.request.stop_sequences": stop }),
      "hearth.endpoint": endpoint,
    },
  };
}
