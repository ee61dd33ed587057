import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { EventLoopWatch } from "./event-loop.ts";

test("a blocked event loop is seen", async () => {
  using watch = new EventLoopWatch();
  await delay(30);
  const until = performance.now() + 120;
  while (performance.now() < until) Math.sqrt(2);
  // The histogram's own timer has to fire once after the block; without it this never ends.
  while (watch.read().max < 0.08) await nextTurn();
  expect(watch.read().p50).toBeLessThan(0.08);
  watch.reset();
  expect(watch.read()).toEqual({ p50: 0, p99: 0, max: 0 });
});
