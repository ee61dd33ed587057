import fc from "fast-check";
import { expect, test } from "vitest";
import { base64Floats, unitVector } from "./vector.ts";

const vectors = fc
  .array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 64 })
  .map((values) => Float32Array.from(values));

function length(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

test("has length 1 and the direction of its first numbers", () => {
  fc.assert(
    fc.property(vectors, fc.nat(), (values, cut) => {
      const dimensions = (cut % values.length) + 1;
      const unit = unitVector(values, dimensions);
      expect(unit).toHaveLength(dimensions);
      const whole = length(values.subarray(0, dimensions));
      fc.pre(whole > 1e-3);
      expect(length(unit)).toBeCloseTo(1, 5);
      unit.forEach((value, index) => expect(value * whole).toBeCloseTo(values[index] ?? NaN, 0));
    }),
  );
});

test("zeros stay zeros, and more numbers than there are is refused", () => {
  expect([...unitVector(new Float32Array(3), null)]).toEqual([0, 0, 0]);
  expect(() => unitVector(new Float32Array(3), 4)).toThrow(/dimensions is 4.*have 3/);
});

test("base64 holds the same floats", () => {
  fc.assert(
    fc.property(vectors, (values) => {
      const bytes = Buffer.from(base64Floats(values), "base64");
      const read = Float32Array.from(values, (_, index) => bytes.readFloatLE(index * 4));
      expect(read).toEqual(values);
    }),
  );
});
