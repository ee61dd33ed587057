import { expect, it } from "vitest";
import { RateLimit } from "./rate-limit.ts";

it("counts each client by itself over the last minute, and says when to come again", () => {
  let now = 0;
  const limit = new RateLimit(3, () => now);
  for (now of [0, 1_000, 2_000]) limit.take("a");
  now = 30_000;
  expect(() => limit.take("a")).toThrow("Try again in 30 s");
  limit.take("b");
  // What was refused does not count.
  now = 60_001;
  limit.take("a");
  expect(() => limit.take("a")).toThrow("Try again in 1 s");
});

it("is no limit when it is 0", () => {
  const limit = new RateLimit(0, () => 0);
  for (let turn = 0; turn < 100; turn++) limit.take("a");
});

it("does not remember clients without end", () => {
  let now = 0;
  const limit = new RateLimit(1, () => now++);
  limit.take("first");
  for (let client = 0; client < 10_000; client++) limit.take(String(client));
  limit.take("first");
  expect(() => limit.take("9999")).toThrow("allowed");
});
