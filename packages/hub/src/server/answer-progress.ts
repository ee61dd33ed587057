import { randomUUID } from "node:crypto";
import type { Trace } from "@hearth/wire/hub/inference";
import type { AnswerRequest, EmbeddingRequest } from "../api/services.ts";
import { serialiseError } from "../errors.ts";
import type { GenerateEvent } from "../inference/engine.ts";
import type { AnswerSpan, AnswerSpans } from "../telemetry/answer-spans.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { AnswerStatistics } from "../tracking/answer-statistics/answer-statistics.ts";
import type { Traces } from "../tracking/traces.ts";
import { contentOf, spanStart } from "./answer-description.ts";
import type { AnswerSource } from "./answer-sources.ts";

/** Where what is known of answers goes. */
export interface AnswerRecords {
  traces: Pick<Traces, "record">;
  statistics?: Pick<AnswerStatistics, "record">;
  metrics: Metrics;
  spans?: AnswerSpans;
  /** Keep what was asked and answered with the trace? Default: not. */
  keepContent?: boolean;
}

type Tokens = Extract<GenerateEvent, { type: "tokens" }>;
type Done = Extract<GenerateEvent, { type: "done" }>;

/** More of an answer is not kept. */
const keptCharacters = 100_000;

/**
 * What is known of one answer while it runs: measured as its tokens come, and at its end, whichever it is, one
 * trace, one span and the metrics.
 */
export class AnswerProgress {
  readonly traceId: string = randomUUID();
  promptTokens: number | null = null;
  cachedTokens: number | null = null;
  readonly #records: AnswerRecords;
  readonly #request: AnswerRequest | EmbeddingRequest;
  readonly #source: AnswerSource;
  readonly #label: string;
  /** Of this model; looked up once, because tokens are many. */
  readonly #betweenTokens: { observe(seconds: number): void };
  readonly #span: AnswerSpan | null;
  #completionTokens = 0;
  #ttftMs: number | null = null;
  /** Clock reading. */
  #lastTokenAt: number | null = null;
  /** Tokens that came together first. */
  #firstTokens = 0;
  /** Null until the engine gets it. */
  #queueMs: number | null = null;
  #text = "";
  #ended = false;

  constructor(
    records: AnswerRecords,
    request: AnswerRequest | EmbeddingRequest,
    source: AnswerSource,
    traceparent: string | null,
  ) {
    this.#records = records;
    this.#request = request;
    this.#source = source;
    this.#label = records.metrics.modelLabel(source.label);
    this.#betweenTokens = records.metrics.inferenceInterToken.labels({ model: this.#label });
    const { spans } = records;
    this.#span = spans?.start?.(spanStart(request, source.by, this.traceId, traceparent)) ?? null;
  }

  /** Milliseconds since the request arrived. */
  get latencyMs(): number {
    return performance.now() - this.#request.receivedAt;
  }

  /** Milliseconds to the first token; to now while there is none. */
  get ttftMs(): number {
    return this.#ttftMs ?? this.latencyMs;
  }

  /** The engine has got the request after so long a wait. */
  admitted(queueMs: number): void {
    this.#queueMs = queueMs;
    this.#records.metrics.inferenceQueue.observe({ model: this.#label }, queueMs / 1000);
  }

  tokens({ text, ids }: Tokens): void {
    const now = performance.now();
    if (this.#ttftMs === null) {
      this.#ttftMs = now - this.#request.receivedAt;
      this.#firstTokens = ids.length;
      this.#records.metrics.inferenceTtft.observe({ model: this.#label }, this.#ttftMs / 1000);
      this.#span?.firstToken();
    } else if (this.#lastTokenAt !== null && ids.length > 0) {
      const each = (now - this.#lastTokenAt) / 1000 / ids.length;
      for (const _id of ids) this.#betweenTokens.observe(each);
    }
    this.#lastTokenAt = now;
    this.#completionTokens += ids.length;
    if (this.#records.keepContent === true && this.#text.length < keptCharacters) this.#text += text;
  }

  done({ finishReason, completionTokens, promptTokens, cachedTokens }: Done): void {
    this.#completionTokens = completionTokens;
    this.promptTokens ??= promptTokens ?? null;
    this.cachedTokens ??= cachedTokens ?? null;
    this.#finish({ status: "ok", finish_reason: finishReason, error_code: null });
  }

  /** Vectors came, of so many tokens. */
  embedded(tokens: number): void {
    this.promptTokens = tokens;
    this.cachedTokens = 0;
    this.#finish({ status: "ok", finish_reason: null, error_code: null });
  }

  failed(error: unknown): void {
    const { code } = serialiseError(error);
    const status = code === "cancelled" ? "cancelled" : "error";
    this.#finish({ status, finish_reason: null, error_code: code });
  }

  /** Nobody reads any more. Changes nothing of an answer that has ended. */
  left(): void {
    this.#finish({ status: "cancelled", finish_reason: null, error_code: "cancelled" });
  }

  #finish(end: Pick<Trace, "status" | "finish_reason" | "error_code">): void {
    if (this.#ended) return;
    this.#ended = true;
    const { latencyMs, promptTokens, cachedTokens } = this;
    this.#measure(end.status, latencyMs);
    const { by } = this.#source;
    this.#span?.end({
      errorCode: end.error_code,
      finishReason: end.finish_reason,
      inputTokens: promptTokens,
      cachedTokens,
      outputTokens: this.#completionTokens,
      attributes: {
        "hearth.queue_ms": this.#queueMs ?? 0,
        ...(by.runId === null ? {} : { "hearth.run_id": by.runId }),
      },
    });
    const { traces, statistics, keepContent = false } = this.#records;
    const answer = {
      model: by.model,
      version: by.version,
      ...end,
      prompt_tokens: promptTokens,
      cached_tokens: cachedTokens,
      completion_tokens: this.#completionTokens,
      ttft_ms: this.#ttftMs,
      latency_ms: latencyMs,
    };
    statistics?.record({ ...answer, queue_ms: this.#queueMs });
    traces.record({
      id: this.traceId,
      endpoint: this.#request.endpoint,
      version_id: by.versionId,
      run_id: by.runId,
      artifact_sha256: by.sha256,
      ...answer,
      ...(keepContent && "prompt" in this.#request
        ? { content: contentOf(this.#request.prompt, this.#text) }
        : {}),
    });
  }

  #measure(status: Trace["status"], latencyMs: number): void {
    const { metrics } = this.#records;
    const model = this.#label;
    metrics.inferenceRequests.inc({ model, endpoint: this.#request.endpoint, status });
    metrics.inferenceDuration.observe({ model }, latencyMs / 1000);
    metrics.inferenceTokens.inc({ model, kind: "prompt" }, this.promptTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "cached" }, this.cachedTokens ?? 0);
    metrics.inferenceTokens.inc({ model, kind: "completion" }, this.#completionTokens);
    const later = this.#completionTokens - this.#firstTokens;
    if (this.#lastTokenAt === null || this.#ttftMs === null || later <= 0) return;
    const decodingMs = this.#lastTokenAt - this.#request.receivedAt - this.#ttftMs;
    if (decodingMs > 0) metrics.inferenceSpeed.observe({ model }, (later * 1000) / decodingMs);
  }
}
