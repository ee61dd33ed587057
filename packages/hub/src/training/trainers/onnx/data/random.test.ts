import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { permutation, seededRandom } from "./random.ts";

describe("seededRandom", () => {
  test("repeats itself for one seed and purpose and differs for others", () => {
    const draw = (seed: number, ...purpose: (string | number)[]) => {
      const random = seededRandom(seed, ...purpose);
      return Array.from({ length: 8 }, () => random.uniform());
    };
    expect(draw(1, "order", 0)).toEqual(draw(1, "order", 0));
    expect(draw(1, "order", 0)).not.toEqual(draw(2, "order", 0));
    expect(draw(1, "order", 0)).not.toEqual(draw(1, "order", 1));
    expect(draw(1, "order", 11)).not.toEqual(draw(1, "order1", 1));
  });

  test("has the moments of its distributions", () => {
    const random = seededRandom(3, "moments");
    const count = 200_000;
    const normal = Array.from({ length: count }, () => random.normal());
    const mean = normal.reduce((sum, value) => sum + value, 0) / count;
    const variance = normal.reduce((sum, value) => sum + value * value, 0) / count;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
    const counts = Array.from({ length: 7 }, () => 0);
    for (let index = 0; index < count; index++) {
      const value = random.integer(7);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const found of counts) expect(Math.abs(found / count - 1 / 7)).toBeLessThan(0.005);
  });
});

test("permutation gives every index once, in an order of its seed", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(), (length, seed) => {
      const order = permutation(length, seededRandom(seed, "p"));
      expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, index) => index));
    }),
  );
  expect([...permutation(50, seededRandom(1, "p"))]).not.toEqual([...permutation(50, seededRandom(2, "p"))]);
});
