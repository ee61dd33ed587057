import fc from "fast-check";
import { expect, test } from "vitest";
import { companionsOf } from "./companions.ts";
import { pieceOf } from "./pieces.ts";

const places = 8;
const someSlots = fc.uniqueArray(fc.nat({ max: places - 1 }), { minLength: 1, maxLength: places });

/** Lengths of the stretches of neighbours. */
function stretches(taking: readonly number[]): number[] {
  const lengths: number[] = [];
  for (const place of taking.toSorted((a, b) => a - b)) {
    if (taking.includes(place - 1)) lengths.push((lengths.pop() ?? 0) + 1);
    else lengths.push(1);
  }
  return lengths;
}

test("where pairs matter nobody is decoded alone, and companions are others", () => {
  fc.assert(
    fc.property(someSlots, (generating) => {
      const companions = companionsOf(generating, places, { exactInPairs: true, wideIsCheap: false });
      expect(companions.filter((place) => generating.includes(place))).toEqual([]);
      expect(companions.every((place) => place >= 0 && place < places)).toBe(true);
      expect(Math.min(...stretches([...generating, ...companions]))).toBeGreaterThan(1);
    }),
  );
});

test("where width is cheap all are decoded in one pass", () => {
  fc.assert(
    fc.property(someSlots, (generating) => {
      const companions = companionsOf(generating, places, { exactInPairs: false, wideIsCheap: true });
      expect(stretches([...generating, ...companions])).toHaveLength(1);
    }),
  );
});

test("else only a gap of one place is filled", () => {
  const traits = { exactInPairs: false, wideIsCheap: false };
  expect(companionsOf([5], places, traits)).toEqual([]);
  expect(companionsOf([2, 0], places, traits)).toEqual([1]);
  expect(companionsOf([0, 3], places, traits)).toEqual([]);
  expect(companionsOf([0], 1, { ...traits, exactInPairs: true })).toEqual([]);
});

test("a prompt is cut into pieces of at most 64 tokens and never of one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1000 }), (length) => {
      let waiting = length;
      while (waiting > 0) {
        const piece = pieceOf(waiting, 64);
        expect(piece).toBeGreaterThan(1);
        expect(piece).toBeLessThanOrEqual(64);
        waiting -= piece;
      }
      expect(waiting).toBe(0);
    }),
  );
});
