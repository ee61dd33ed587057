import type { ServingStatistics } from "@hearth/wire/hub/serving-statistics";
import { expect, test } from "vitest";
import { overTime, rateOf, unitOf } from "./over-time.ts";

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

test("times without an answer are no points of a latency, and a model without one has a gap", () => {
  expect(overTime(statistics, ({ ttft_ms }, index) => ttft_ms[index] ?? null)).toEqual({
    x: [-2, 0],
    lines: [
      { label: "a:1", y: [5, 7] },
      { label: "b:1", y: [null, 9] },
    ],
  });
});

test("a rate is 0 where nothing came, and not known yet of the time that is still running", () => {
  const rates = overTime(statistics, ({ completion_tokens }, index) =>
    rateOf(completion_tokens, index, statistics),
  );
  expect(rates).toMatchObject({ x: [-2, -1], lines: [{ y: [10 / 60, 0] }, { y: [10 / 60, 0] }] });
});

test("days are told in hours", () => {
  expect(unitOf({ bucket_seconds: 600 }).name).toContain("hours");
  expect(unitOf({ bucket_seconds: 5 }).name).toContain("minutes");
});
