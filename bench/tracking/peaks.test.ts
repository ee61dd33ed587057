import fc from "fast-check";
import { expect, test } from "vitest";
import { peaks } from "./peaks.ts";

test("peaks are the largest of their surroundings", () => {
  const values = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 20 }), (list, span) => {
      const expected = list.flatMap((value, step) => {
        const around = list.slice(Math.max(0, step - span), step + span + 1);
        return value === Math.max(...around) ? [step] : [];
      });
      expect(peaks(list.length, span, (step) => list[step] ?? Number.NaN)).toEqual(expected);
    }),
  );
});
