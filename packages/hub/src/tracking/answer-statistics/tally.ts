import type { Trace } from "@hearth/wire/hub/inference";
import type { AnswerFigures } from "@hearth/wire/hub/serving-statistics";
import { Histogram } from "./histogram.ts";

/** What is counted of an answer; the rest of its trace does not matter here. */
export type CountedAnswer = Pick<
  Trace,
  | "model"
  | "version"
  | "status"
  | "error_code"
  | "prompt_tokens"
  | "cached_tokens"
  | "completion_tokens"
  | "ttft_ms"
  | "latency_ms"
> & { queue_ms: number | null };

/** Codes of those who were sent away for now: 429 and 503. */
const refusals = new Set(["rate_limited", "unavailable", "resource_exhausted"]);

export interface Point {
  requests: number;
  completionTokens: number;
  ttft: number | null;
  latencyP50: number | null;
  latencyP95: number | null;
  speed: number | null;
}

/** Sums of some answers. */
export class Tally {
  requests = 0;
  readonly #ttft = new Histogram();
  readonly #latency = new Histogram();
  readonly #queue = new Histogram();
  readonly #speed = new Histogram();
  #completionTokens = 0;
  #point: Point | null = null;
  #ok = 0;
  #errors = 0;
  #refused = 0;
  #cancelled = 0;
  #promptTokens = 0;
  #cachedTokens = 0;
  /** Prompt tokens of those answers of which it is known how many were cached. */
  #comparable = 0;

  add(answer: CountedAnswer): void {
    const { status, error_code, prompt_tokens, cached_tokens, ttft_ms, latency_ms, queue_ms } = answer;
    const tokens = answer.completion_tokens ?? 0;
    this.#point = null;
    this.requests += 1;
    if (status === "ok") this.#ok += 1;
    else if (status === "cancelled") this.#cancelled += 1;
    else if (refusals.has(error_code ?? "")) this.#refused += 1;
    else this.#errors += 1;
    this.#promptTokens += prompt_tokens ?? 0;
    this.#cachedTokens += cached_tokens ?? 0;
    if (prompt_tokens !== null && cached_tokens !== null) this.#comparable += prompt_tokens;
    this.#completionTokens += tokens;
    if (queue_ms !== null) this.#queue.add(queue_ms);
    if (ttft_ms !== null) this.#ttft.add(ttft_ms);
    if (status !== "ok") return;
    this.#latency.add(latency_ms);
    const decodingMs = latency_ms - (ttft_ms ?? latency_ms);
    if (tokens > 1 && decodingMs > 0) this.#speed.add(((tokens - 1) * 1000) / decodingMs);
  }

  /** Adds all that another one counted, or takes it out again. */
  merge(other: Tally, sign: 1 | -1 = 1): void {
    this.#point = null;
    this.requests += sign * other.requests;
    this.#completionTokens += sign * other.#completionTokens;
    this.#ok += sign * other.#ok;
    this.#errors += sign * other.#errors;
    this.#refused += sign * other.#refused;
    this.#cancelled += sign * other.#cancelled;
    this.#promptTokens += sign * other.#promptTokens;
    this.#cachedTokens += sign * other.#cachedTokens;
    this.#comparable += sign * other.#comparable;
    this.#ttft.merge(other.#ttft, sign);
    this.#latency.merge(other.#latency, sign);
    this.#queue.merge(other.#queue, sign);
    this.#speed.merge(other.#speed, sign);
  }

  /** What a chart shows of it; kept until something is added, because most times are over. */
  point(): Point {
    if (this.#point !== null) return this.#point;
    const latency = spreadOf(this.#latency);
    this.#point = {
      requests: this.requests,
      completionTokens: this.#completionTokens,
      ttft: medianOf(this.#ttft),
      latencyP50: latency?.p50 ?? null,
      latencyP95: latency?.p95 ?? null,
      speed: medianOf(this.#speed),
    };
    return this.#point;
  }

  figures(): AnswerFigures {
    return {
      requests: this.requests,
      ok: this.#ok,
      errors: this.#errors,
      refused: this.#refused,
      cancelled: this.#cancelled,
      prompt_tokens: this.#promptTokens,
      cached_tokens: this.#cachedTokens,
      completion_tokens: this.#completionTokens,
      cache_hit_share: this.#comparable === 0 ? null : this.#cachedTokens / this.#comparable,
      ttft_ms: spreadOf(this.#ttft),
      latency_ms: spreadOf(this.#latency),
      queue_ms: spreadOf(this.#queue),
      tokens_per_second: medianOf(this.#speed),
    };
  }
}

/** The middle value; null where there is none. */
function medianOf(histogram: Histogram): number | null {
  return histogram.quantiles([0.5])[0] ?? null;
}

/** Half of all are below `p50`, 95 % below `p95`. */
function spreadOf(histogram: Histogram): { p50: number; p95: number } | null {
  const [p50 = null, p95 = null] = histogram.quantiles([0.5, 0.95]);
  return p50 === null || p95 === null ? null : { p50, p95 };
}
