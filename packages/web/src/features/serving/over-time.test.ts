import type { ServingStatistics } from "@hearth/wire/hub/serving-statistics";
import { expect, test } from "vitest";
import { overTime, rateOf } from "./over-time.ts";

const nothing = {
  requests: 0,
  ok: 0,
  errors: 0,
  refused: 0,
  cancelled: 0,
  prompt_tokens: 0,
  cached_tokens: 0,
  completion_tokens: 0,
  cache_hit_share: null,
  ttft_ms: null,
  latency_ms: null,
  queue_ms: null,
  tokens_per_second: null,
};
const model = (name: string, ttft_ms: (number | null)[]) => ({
  ...nothing,
  model: name,
  series: {
    requests: [2, 0, 1],
    completion_tokens: [10, 0, 6],
    ttft_ms,
    latency_ms_p50: [null, null, null],
    latency_ms_p95: [null, null, null],
    tokens_per_second: [null, null, null],
  },
});
const statistics: ServingStatistics = {
  window: "1h",
  bucket_seconds: 60,
  at: [0, 60_000, 120_000],
  now: 132_000,
  total: nothing,
  models: [model("a:1", [5, null, 7]), model("b:1", [null, null, 9])],
};

test("times without an answer are no points of a latency", () => {
  expect(overTime(statistics, ({ ttft_ms }, index) => ttft_ms[index] ?? null)).toEqual([
    { label: "a:1", x: [0, 120_000], y: [5, 7] },
    { label: "b:1", x: [120_000], y: [9] },
  ]);
});

test("a model that was not measured has no line", () => {
  expect(overTime(statistics, ({ latency_ms_p50 }, index) => latency_ms_p50[index] ?? null)).toEqual([]);
});

test("a rate is 0 where nothing came, and not known yet of the time that is still running", () => {
  const rates = overTime(statistics, ({ completion_tokens }, index) =>
    rateOf(completion_tokens, index, statistics),
  );
  expect(rates).toMatchObject([
    { x: [0, 60_000], y: [10 / 60, 0] },
    { x: [0, 60_000], y: [10 / 60, 0] },
  ]);
});
