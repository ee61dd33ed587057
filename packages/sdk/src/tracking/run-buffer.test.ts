import fc from "fast-check";
import { expect, test } from "vitest";
import { isEmpty, limits } from "./batch.ts";
import { InvalidTracking } from "./errors.ts";
import { RunBuffer } from "./run-buffer.ts";

const point = (step: number) => ({ key: "loss", value: step, timestamp: 0, step });

test("points leave in the order they came, the oldest are dropped, and every drop is counted", () => {
  const action = fc.oneof(
    { weight: 8, arbitrary: fc.constant("metric" as const) },
    fc.constant("param" as const),
    fc.constant("tag" as const),
    fc.constant("take" as const),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(action, { maxLength: 200 }),
      (capacity, actions) => {
        const buffer = new RunBuffer(capacity);
        const sent: number[] = [];
        let [added, dropped, others] = [0, 0, 0];
        const take = () => {
          const batch = buffer.take();
          sent.push(...batch.metrics.map(({ step }) => step));
          others += batch.params.length + batch.tags.length;
          return batch;
        };
        let [metrics, rest] = [0, 0];
        for (const name of actions) {
          if (name === "take") {
            take();
            continue;
          }
          added++;
          if (name === "metric") dropped += buffer.addMetric(point(metrics++));
          else if (name === "param") dropped += buffer.addParam(`p${rest++}`, "v");
          else dropped += buffer.addTag(`t${rest++}`, "v");
          expect(buffer.size).toBeLessThanOrEqual(capacity);
        }
        while (!isEmpty(take()));
        expect(sent).toEqual([...sent].sort((a, b) => a - b));
        expect(sent.length + others + dropped).toBe(added);
      },
    ),
  );
});

test("when full, the oldest points make room for the newest", () => {
  const buffer = new RunBuffer(3);
  const dropped = [0, 1, 2, 3, 4].map((step) => buffer.addMetric(point(step)));
  expect(dropped).toEqual([0, 0, 0, 1, 1]);
  expect(buffer.take().metrics.map(({ step }) => step)).toEqual([2, 3, 4]);
});

test("a batch keeps to the limits of one request", () => {
  const buffer = new RunBuffer(100_000);
  for (let at = 0; at < 2500; at++) buffer.addMetric(point(at));
  for (let at = 0; at < 250; at++) buffer.addParam(`p${at}`, "x".repeat(7000));
  for (let at = 0; at < 250; at++) buffer.addTag(`t${at}`, "v");
  for (let batch = buffer.take(); !isEmpty(batch); batch = buffer.take()) {
    expect(batch.params.length).toBeLessThanOrEqual(limits.params);
    expect(batch.tags.length).toBeLessThanOrEqual(limits.tags);
    expect(batch.metrics.length + batch.params.length + batch.tags.length).toBeLessThanOrEqual(
      limits.entities,
    );
    expect(JSON.stringify(batch).length).toBeLessThan(1_000_000);
    for (const [, value] of batch.params) expect(value.length).toBe(limits.paramValue);
  }
  expect(buffer.size).toBe(0);
});

test("a param keeps its value, also after it was sent; a tag takes the newest", () => {
  const buffer = new RunBuffer(10);
  buffer.addParam("rate", "0.1");
  buffer.take();
  buffer.addParam("rate", "0.1");
  expect(buffer.size).toBe(0);
  expect(() => buffer.addParam("rate", "0.2")).toThrow(InvalidTracking);
  buffer.addTag("state", "a");
  buffer.addTag("state", "b");
  expect(buffer.take().tags).toEqual([["state", "b"]]);
});
