import fc from "fast-check";
import { expect, test } from "vitest";
import { learningRate } from "./schedule.ts";

test("rises to the peak in the warm-up and falls to a tenth at the last step", () => {
  const schedule = { peak: 1, steps: 100, warmupRatio: 0.1 };
  expect(learningRate(schedule, 1)).toBeCloseTo(0.1);
  expect(learningRate(schedule, 10)).toBe(1);
  expect(learningRate(schedule, 11)).toBe(1);
  expect(learningRate(schedule, 56)).toBeCloseTo(0.5421, 3);
  expect(learningRate(schedule, 100)).toBeCloseTo(0.1);
});

test("is positive, at most the peak and has one summit, for any plan", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (steps, warmupRatio) => {
        const rates = Array.from({ length: steps }, (_, index) =>
          learningRate({ peak: 3, steps, warmupRatio }, index + 1),
        );
        const summit = rates.indexOf(Math.max(...rates));
        rates.forEach((rate, index) => {
          expect(rate).toBeGreaterThan(0);
          expect(rate).toBeLessThanOrEqual(3);
          const before = rates[index - 1];
          if (before === undefined) return;
          if (index <= summit) expect(rate).toBeGreaterThanOrEqual(before);
          else expect(rate).toBeLessThanOrEqual(before);
        });
      },
    ),
  );
});
