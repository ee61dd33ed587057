import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pacer } from "./pacer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;

/** Whether a rest is over. */
function restOf(pacer: Pacer, milliseconds: number, signal = never): { over: boolean } {
  const rest = { over: false };
  void pacer.rest(milliseconds, signal).then(() => (rest.over = true));
  return rest;
}

test("a quarter of the time is three times as long a rest; all of the time is none", async () => {
  const pacer = new Pacer();
  const none = restOf(pacer, 1000);
  await vi.advanceTimersByTimeAsync(0);
  expect(none.over).toBe(true);
  pacer.share = 0.25;
  const rest = restOf(pacer, 1000);
  await vi.advanceTimersByTimeAsync(2_900);
  expect(rest.over).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(rest.over).toBe(true);
});

test("with no time at all it waits until the share changes", async () => {
  const pacer = new Pacer();
  pacer.share = 0;
  const rest = restOf(pacer, 1);
  await vi.advanceTimersByTimeAsync(40 * 86_400_000);
  expect(rest.over).toBe(false);
  pacer.share = 1;
  await vi.advanceTimersByTimeAsync(0);
  expect(rest.over).toBe(true);
});

test("a job that is stopped rests no more", async () => {
  const pacer = new Pacer();
  pacer.share = 0;
  const stop = new AbortController();
  const rest = restOf(pacer, 1, stop.signal);
  await vi.advanceTimersByTimeAsync(10);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(rest.over).toBe(true);
});
