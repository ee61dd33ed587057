import { keepAlive } from "@hearth/wire/hub/serving";
import { expect, test } from "vitest";
import { keepAliveMs } from "./keep-alive.ts";

test.each([
  [300, 300_000],
  [0, 0],
  [0.5, 500],
  [-1, Number.POSITIVE_INFINITY],
  ["-1", Number.POSITIVE_INFINITY],
  ["-1m", Number.POSITIVE_INFINITY],
  ["0", 0],
  ["90", 90_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["250ms", 250],
  [null, undefined],
  [undefined, undefined],
])("%j is %j ms", (given, expected) => {
  if (given !== null && given !== undefined) expect(keepAlive.safeParse(given).success).toBe(true);
  expect(keepAliveMs(given)).toBe(expected);
});

test.each(["", "m", "5 m", "5d", "1e9", "1h-5m", Number.NaN, Number.POSITIVE_INFINITY, 1e12, true, [], {}])(
  "%j is refused",
  (given) => expect(keepAlive.safeParse(given).success).toBe(false),
);
