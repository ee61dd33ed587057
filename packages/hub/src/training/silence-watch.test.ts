import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SilenceWatch } from "./silence-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watch with a timeout of 10 s whose trainer computes nothing, and a clock of its own. */
function watchOf() {
  const clock = { now: 0 };
  const slept: number[] = [];
  let lost: number | null = null;
  const watch = new SilenceWatch({
    timeoutMs: 10_000,
    cpuSeconds: () => Promise.resolve(1),
    onBusy: () => undefined,
    onSlept: (milliseconds) => slept.push(milliseconds),
    now: () => clock.now,
  });
  void watch.lost.then((silentMs) => (lost = silentMs));
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.now += 1_000;
      await vi.advanceTimersByTimeAsync(1_000);
    }
  };
  return { watch, clock, slept, pass, lost: () => lost };
}

test("a trainer that neither speaks nor computes is lost after the timeout", async () => {
  const { watch, pass, lost } = watchOf();
  // The first tick sees the processor time of the start.
  await pass(9);
  expect(lost()).toBeNull();
  watch.reset();
  await pass(9);
  expect(lost()).toBeNull();
  await pass(3);
  expect(lost()).toBeGreaterThan(9_000);
  watch[Symbol.dispose]();
});

test("hours that the machine slept are not silence: the trainer has its whole time again, and the gap is told", async () => {
  const { watch, clock, slept, pass, lost } = watchOf();
  await pass(9);
  clock.now += 3 * 3_600_000;
  await pass(1);
  expect(slept).toEqual([3 * 3_600_000]);
  await pass(9);
  expect(lost()).toBeNull();
  await pass(3);
  expect(lost()).not.toBeNull();
  watch[Symbol.dispose]();
});
