import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TrainingPace, slowShare } from "./pace.ts";
import type { HeatReading, Pace, PaceOptions } from "./pace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function paceOf(options: Partial<PaceOptions> = {}) {
  const heat: HeatReading = { celsius: 50, throttled: false };
  const cooldowns: ({ afterMs: number } | null)[] = [];
  const pace = new TrainingPace({
    yield: "slow",
    cooldownAboveCelsius: 95,
    readHeat: () => Promise.resolve({ ...heat }),
    onCooldown: (_reading, ended) => cooldowns.push(ended),
    onFailed: (error) => {
      throw error;
    },
    ...options,
  });
  const told: Pace[] = [];
  pace.follow((next) => told.push(next));
  return { pace, heat, cooldowns, told };
}

test("while people wait for answers jobs compute a part of the time, and for a moment after the last answer", () => {
  const { pace, told } = paceOf();
  pace.serving(1);
  pace.serving(2);
  pace.serving(0);
  expect(pace.current).toEqual({ share: slowShare, reason: "serving" });
  pace.serving(1);
  vi.advanceTimersByTime(60_000);
  expect(pace.current.share).toBe(slowShare);
  pace.serving(0);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([
    { share: 1, reason: null },
    { share: slowShare, reason: "serving" },
    { share: 1, reason: null },
  ]);
});

test.each([
  ["pause", 0],
  ["off", 1],
] as const)("with %s their share is %d", (way, share) => {
  const { pace } = paceOf({ yield: way });
  pace.serving(3);
  expect(pace.current.share).toBe(share);
});

test("above the threshold jobs wait until it is five degrees colder, whoever asks for answers", async () => {
  const { pace, heat, cooldowns } = paceOf();
  heat.celsius = 96;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(pace.current).toEqual({ share: 0, reason: "cooldown" });
  pace.serving(1);
  heat.celsius = 91;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(pace.current).toEqual({ share: 0, reason: "cooldown" });
  heat.celsius = 89;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(pace.current).toEqual({ share: slowShare, reason: "serving" });
  expect(cooldowns).toEqual([null, { afterMs: 20_000 }]);
});

test("a system that tells no temperature but slows down for it counts as too hot; a sensor that is gone keeps nobody", async () => {
  const { pace, heat } = paceOf();
  Object.assign(heat, { celsius: null, throttled: true });
  await pace.readHeat();
  expect(pace.current.reason).toBe("cooldown");
  heat.throttled = false;
  await pace.readHeat();
  expect(pace.current.share).toBe(1);
});

test("the temperature is read only while somebody follows and a threshold is set", async () => {
  const readHeat = vi.fn(() => Promise.resolve({ celsius: 120, throttled: false }));
  const { pace } = paceOf({ readHeat, cooldownAboveCelsius: null });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(readHeat).not.toHaveBeenCalled();
  expect(pace.current.share).toBe(1);
  const other = new TrainingPace({
    yield: "off",
    cooldownAboveCelsius: 95,
    readHeat,
    onCooldown: () => undefined,
    onFailed: () => undefined,
  });
  const unfollow = other.follow(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(other.current.reason).toBe("cooldown");
  unfollow();
  expect(other.current.share).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(readHeat).toHaveBeenCalledTimes(1);
});
