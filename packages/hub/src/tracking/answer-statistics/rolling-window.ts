import type {
  ModelStatistics,
  ServingStatistics,
  StatisticsWindow,
} from "@hearth/wire/hub/serving-statistics";
import { Tally, type CountedAnswer } from "./tally.ts";

/** Anybody can make up names of models of other servers: beyond this, one row stands for the rest. */
const mostModels = 100;
const others = "other";

interface Bucket {
  /** Number since the epoch. */
  index: number;
  models: Map<string, Tally>;
}

/**
 * Answers of the last so many equal times, each counted by model; what is older is forgotten. The sums over all times
 * are kept beside them, so that reading costs the same whatever was counted.
 */
export class RollingWindow {
  readonly #window: StatisticsWindow;
  readonly #bucketMs: number;
  readonly #count: number;
  readonly #buckets = new Map<number, Bucket>();
  readonly #sums = new Map<string, Tally>();
  readonly #total = new Tally();
  #newest = -Infinity;

  constructor(window: StatisticsWindow, bucketMs: number, count: number) {
    this.#window = window;
    this.#bucketMs = bucketMs;
    this.#count = count;
  }

  add(answer: CountedAnswer, at: number): void {
    const index = Math.floor(at / this.#bucketMs);
    this.#moveOn(index);
    // A clock that was set back, or an answer from before.
    if (index <= this.#newest - this.#count) return;
    let bucket = this.#buckets.get(index);
    if (bucket === undefined) this.#buckets.set(index, (bucket = { index, models: new Map() }));
    const name = nameOf(answer);
    const key = this.#sums.has(name) || this.#sums.size < mostModels - 1 ? name : others;
    tallyIn(bucket.models, key).add(answer);
    tallyIn(this.#sums, key).add(answer);
    this.#total.add(answer);
  }

  read(now: number): ServingStatistics {
    const last = Math.floor(now / this.#bucketMs);
    this.#moveOn(last);
    const indices = Array.from({ length: this.#count }, (_, place) => last - this.#count + 1 + place);
    const buckets = indices.map((index) => this.#buckets.get(index));
    const busiest = [...this.#sums].toSorted(([, a], [, b]) => b.requests - a.requests);
    return {
      window: this.#window,
      bucket_seconds: this.#bucketMs / 1000,
      at: indices.map((index) => index * this.#bucketMs),
      now,
      total: this.#total.figures(),
      models: busiest.map(([model, tally]) => ({
        model,
        ...tally.figures(),
        series: seriesOf(buckets.map((bucket) => bucket?.models.get(model))),
      })),
    };
  }

  /** Takes out what has become too old. */
  #moveOn(index: number): void {
    if (index <= this.#newest) return;
    this.#newest = index;
    for (const bucket of this.#buckets.values()) {
      if (bucket.index > index - this.#count) continue;
      this.#buckets.delete(bucket.index);
      for (const [model, tally] of bucket.models) {
        const sum = tallyIn(this.#sums, model);
        sum.merge(tally, -1);
        if (sum.requests === 0) this.#sums.delete(model);
        this.#total.merge(tally, -1);
      }
    }
  }
}

function tallyIn(tallies: Map<string, Tally>, model: string): Tally {
  let tally = tallies.get(model);
  if (tally === undefined) tallies.set(model, (tally = new Tally()));
  return tally;
}

function seriesOf(tallies: readonly (Tally | undefined)[]): ModelStatistics["series"] {
  const points = tallies.map((tally) => tally?.point());
  return {
    requests: points.map((point) => point?.requests ?? 0),
    completion_tokens: points.map((point) => point?.completionTokens ?? 0),
    ttft_ms: points.map((point) => point?.ttft ?? null),
    latency_ms_p50: points.map((point) => point?.latencyP50 ?? null),
    latency_ms_p95: points.map((point) => point?.latencyP95 ?? null),
    tokens_per_second: points.map((point) => point?.speed ?? null),
  };
}

/** `name:3`, or `provider/model` of another server. */
function nameOf({ model, version }: CountedAnswer): string {
  return version === null ? model : `${model}:${version}`;
}
