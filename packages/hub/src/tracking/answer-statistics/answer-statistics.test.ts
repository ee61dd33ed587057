import fc from "fast-check";
import { expect, test } from "vitest";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import { createTraces } from "../traces.ts";
import { createAnswerStatistics } from "./answer-statistics.ts";
import { Histogram } from "./histogram.ts";
import { RollingWindow } from "./rolling-window.ts";
import type { CountedAnswer } from "./tally.ts";

const answer = (over: Partial<CountedAnswer> = {}): CountedAnswer => ({
  model: "m",
  version: 1,
  status: "ok",
  error_code: null,
  prompt_tokens: 10,
  cached_tokens: 4,
  completion_tokens: 11,
  ttft_ms: 50,
  latency_ms: 150,
  queue_ms: 2,
  ...over,
});
const forever = new AbortController().signal;

test("a histogram's quantiles are those of the values, to within 1 %, however it was put together", () => {
  const values = fc.array(fc.double({ min: 0.02, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.nat(200), (all, cut) => {
      const [whole, one, other] = [new Histogram(), new Histogram(), new Histogram()];
      for (const [index, value] of all.entries()) {
        whole.add(value);
        (index < cut ? one : other).add(value);
      }
      one.merge(other);
      const shares = [0, 0.5, 0.95, 1];
      expect(one.quantiles(shares)).toEqual(whole.quantiles(shares));
      const sorted = all.toSorted((a, b) => a - b);
      for (const [index, found] of whole.quantiles(shares).entries()) {
        const exact = sorted[Math.max(1, Math.ceil((shares[index] ?? 0) * all.length)) - 1] ?? 0;
        expect(Math.abs((found ?? 0) / exact - 1)).toBeLessThan(0.0101);
      }
    }),
  );
  expect(new Histogram().quantiles([0.5])).toEqual([null]);
});

test("figures by model, with every way to end", () => {
  const window = new RollingWindow("5m", 5000, 60);
  const now = 1_000_000_000;
  window.add(answer(), now);
  window.add(answer({ status: "cancelled", error_code: "cancelled", latency_ms: 9e6 }), now - 10_000);
  for (const error_code of ["rate_limited", "unavailable", "resource_exhausted", "timeout"])
    window.add(
      answer({ status: "error", error_code, prompt_tokens: null, cached_tokens: null, ttft_ms: null }),
      now,
    );
  window.add(answer({ model: "p/far", version: null, cached_tokens: null, queue_ms: null }), now);
  const read = window.read(now);
  expect(read.at).toHaveLength(60);
  expect(read.at.at(-1)).toBe(now);
  expect(read.models.map(({ model }) => model)).toEqual(["m:1", "p/far"]);
  const [own, far] = read.models;
  expect(own).toMatchObject({ requests: 6, ok: 1, cancelled: 1, refused: 3, errors: 1 });
  expect(own).toMatchObject({ prompt_tokens: 20, cached_tokens: 8, cache_hit_share: 0.4 });
  // One token came first, ten in the 100 ms after it.
  expect(own?.tokens_per_second).toBeCloseTo(100, -0.3);
  // What was cancelled says nothing about how long answers take.
  expect(own?.latency_ms?.p95).toBeLessThan(152);
  expect(own?.series.requests.at(-1)).toBe(5);
  expect(own?.series.requests.at(-3)).toBe(1);
  expect(own?.series.latency_ms_p50.at(-2)).toBeNull();
  expect(far).toMatchObject({ cache_hit_share: null, queue_ms: null });
  expect(read.total).toMatchObject({ requests: 7, completion_tokens: 77 });
});

test("what is too old is forgotten, and takes nothing else with it", () => {
  const window = new RollingWindow("5m", 5000, 60);
  const start = 1_000_000_000;
  window.add(answer({ latency_ms: 9000 }), start - 5000);
  window.add(answer(), start);
  expect(window.read(start).total.latency_ms?.p95).toBeGreaterThan(8900);
  const [left] = window.read(start + 295_000).models;
  expect(left).toMatchObject({ requests: 1, prompt_tokens: 10, ok: 1 });
  expect(left?.latency_ms?.p95).toBeLessThan(152);
  expect(window.read(start + 299_000).total.requests).toBe(1);
  expect(window.read(start + 300_000).total.requests).toBe(0);
  window.add(answer(), start + 300_000);
  // An answer from before the time that is counted.
  window.add(answer(), start);
  expect(window.read(start + 300_000).total.requests).toBe(1);
});

test("made-up names of models take a bounded room", () => {
  const window = new RollingWindow("5m", 5000, 60);
  for (let index = 0; index < 300; index++) window.add(answer({ model: `p/${index}`, version: null }), 5000);
  const { models, total } = window.read(5000);
  expect(models.length).toBeLessThanOrEqual(100);
  expect(models[0]).toMatchObject({ model: "other", requests: 201 });
  expect(total.requests).toBe(300);
  // Those that are too old make room for new names.
  window.add(answer(), 400_000);
  expect(window.read(400_000).models).toMatchObject([{ model: "m:1", requests: 1 }]);
});

describeEachDatabase("statistics of answers", (open) => {
  test("a restart loses none of them, and counts none twice", async () => {
    const { database } = open();
    const clock = { now: Date.UTC(2026, 0, 2, 12) };
    const now = () => clock.now;
    const minute = 60_000;
    await using traces = createTraces({
      database,
      now,
      onWriteFailed: (error) => expect.fail(String(error)),
    });
    const write = (minutesAgo: number): void => {
      const { queue_ms: _queue, ...row } = answer();
      traces.record({
        ...row,
        endpoint: "/x",
        version_id: "v",
        run_id: null,
        artifact_sha256: null,
        finish_reason: "stop",
        created_at: clock.now - minutesAgo * minute,
      });
    };
    for (let index = 0; index < 600; index++) write(30);
    for (const minutesAgo of [2, 5 * 60, 23 * 60, 25 * 60]) write(minutesAgo);
    await traces.flush();
    const statistics = createAnswerStatistics({ database, now });
    clock.now += 1000;
    // While it restores, answers go on; they are in the database, too.
    statistics.record(answer());
    write(0);
    await traces.flush();
    await statistics.restore(forever);
    const count = (window: "5m" | "1h" | "24h") => statistics.read(window).total.requests;
    expect(count("5m")).toBe(2);
    expect(count("1h")).toBe(602);
    expect(count("24h")).toBe(604);
  });
});
