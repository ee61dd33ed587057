import fc from "fast-check";
import { expect, test } from "vitest";
import { batchBody, checkKey, keyFrom } from "./batch.ts";
import { InvalidTracking } from "./errors.ts";

test.each(["loss", "train/loss", "système", "a b:c-d.e_f", "x".repeat(250)])("%s is a name", (key) => {
  expect(checkKey("metric", key)).toBe(key);
});

test.each(["", "x".repeat(251), "a\nb", "a*b", "/a", "a/", "a//b", "../a", "a/./b", "😀"])(
  "%j is none",
  (key) => {
    expect(() => checkKey("metric", key)).toThrow(InvalidTracking);
  },
);

test("any text becomes a name", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void checkKey("param", keyFrom(text))));
});

test("what JSON has no number for travels as a word", () => {
  const metrics = [NaN, Infinity, -Infinity, 1.5].map((value) => ({
    key: "k",
    value,
    timestamp: 1,
    step: 0,
  }));
  expect(JSON.parse(JSON.stringify(batchBody("r", { metrics, params: [["a", "1"]], tags: [] })))).toEqual({
    run_id: "r",
    metrics: ["NaN", "Infinity", "-Infinity", 1.5].map((value) => ({
      key: "k",
      value,
      timestamp: 1,
      step: 0,
    })),
    params: [{ key: "a", value: "1" }],
    tags: [],
  });
});
