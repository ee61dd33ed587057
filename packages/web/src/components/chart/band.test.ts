import fc from "fast-check";
import { expect, test } from "vitest";
import { groupBand, rollingBand, rollingMean } from "./band.ts";

test("a rolling band and mean are of the points around each, and gaps stay gaps", () => {
  const y = [1, 5, null, 3, 3];
  expect(rollingMean(y, { before: 1, after: 1 })).toEqual([3, 3, null, 3, 3]);
  expect(rollingBand(y, { before: 1, after: 1 })).toEqual({
    min: [1, 1, null, 3, 3],
    max: [5, 5, null, 3, 3],
  });
});

test("a rolling band is what looking at every window finds", () => {
  const y = fc.array(fc.option(fc.integer({ min: -9, max: 9 })), { maxLength: 40 });
  const size = fc.nat({ max: 5 });
  fc.assert(
    fc.property(y, size, size, (values, before, after) => {
      const windows = values.map((value, index) =>
        value === null
          ? null
          : values.slice(Math.max(0, index - before), index + after + 1).filter((one) => one !== null),
      );
      expect(rollingBand(values, { before, after })).toEqual({
        min: windows.map((window) => window && Math.min(...window)),
        max: windows.map((window) => window && Math.max(...window)),
      });
    }),
  );
});

test("a group is the mean of what its lines are at every x of any of them", () => {
  const group = groupBand([
    { x: [0, 2, 4], y: [0, 2, 4] },
    { x: [0, 1, 2], y: [10, 10, 10] },
  ]);
  expect(group.x).toEqual([0, 1, 2, 4]);
  // At 1 the first line is straight between its points; at 4 the second has ended.
  expect(group.y).toEqual([5, 5.5, 6, 4]);
  expect(group.band).toEqual({ min: [0, 1, 2, 4], max: [10, 10, 10, 4] });
});

test("gaps are not counted, and lines without a number are none", () => {
  const group = groupBand([
    { x: [0, 1, 2], y: [1, null, 3] },
    { x: [0, 1], y: [null, NaN] },
  ]);
  expect(group).toEqual({ x: [0, 2], y: [1, 3], band: { min: [1, 3], max: [1, 3] } });
  expect(groupBand([])).toEqual({ x: [], y: [], band: { min: [], max: [] } });
});

test("many places of x are put together, and the band keeps every peak and both ends", () => {
  const x = Array.from({ length: 5000 }, (_, index) => index);
  const y = x.map((at) => (at === 3333 ? 1e6 : at === 1111 ? -1e6 : 1));
  const group = groupBand([
    { x, y },
    { x: x.map((at) => at + 0.5), y: x.map(() => 1) },
  ]);
  expect(group.x.length).toBeLessThanOrEqual(400);
  expect([group.x[0], group.x.at(-1)]).toEqual([0, 4999.5]);
  expect(Math.max(...group.band.max.map(Number))).toBe(1e6);
  expect(Math.min(...group.band.min.map(Number))).toBe(-1e6);
});

test("the mean is always inside the band, which is inside the values", () => {
  const line = fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { maxLength: 900 }).chain((places) =>
    fc
      .array(fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
        minLength: places.length,
        maxLength: places.length,
      })
      .map((y) => ({ x: places.toSorted((a, b) => a - b), y })),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
      const { x, y, band } = groupBand(lines);
      const values = lines.flatMap((one) => one.y).filter((value) => value !== null);
      expect(x).toEqual(x.toSorted((a, b) => a - b));
      for (const [index, mean] of y.entries()) {
        if (mean === null) continue;
        expect(band.min[index]).toBeLessThanOrEqual(mean + 1e-6);
        expect(band.max[index]).toBeGreaterThanOrEqual(mean - 1e-6);
      }
      if (values.length === 0) return;
      expect(Math.max(...band.max.filter((value) => value !== null))).toBe(Math.max(...values));
      expect(Math.min(...band.min.filter((value) => value !== null))).toBe(Math.min(...values));
    }),
    { numRuns: 50 },
  );
});
