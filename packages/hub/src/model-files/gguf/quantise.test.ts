import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bf16ToF32, decodeQ8, encodeQ8, f16ToF32, f32ToF16, splitQ8 } from "./quantise.ts";

const block = fc.float32Array({
  minLength: 32,
  maxLength: 32,
  min: -1000,
  max: 1000,
  noNaN: true,
  noDefaultInfinity: true,
});

describe("Q8_0", () => {
  test("encodes the known block: scale 1/127 of the largest, halves away from zero", () => {
    const values = new Float32Array(32);
    values.set([127, 1.5, -1.5, 2.5, -2.5, 0.49, -127]);
    const { values: bytes, scales } = splitQ8(encodeQ8(values));
    expect([...scales]).toEqual([1]);
    expect([...bytes.subarray(0, 7)]).toEqual([127, 2, -2, 3, -3, 0, -127]);
  });

  test("stores a block as a little-endian half followed by 32 signed bytes", () => {
    const encoded = encodeQ8(new Float32Array(32).fill(-127));
    expect(encoded.byteLength).toBe(34);
    expect([...encoded.subarray(0, 3)]).toEqual([0x00, 0x3c, 0x81]);
  });

  test("zeros stay zeros", () => {
    expect([...decodeQ8(encodeQ8(new Float32Array(64)))]).toEqual(Array(64).fill(0));
  });

  test("errs by at most half a step and the rounding of the scale", () => {
    fc.assert(
      fc.property(block, (values) => {
        const decoded = decodeQ8(encodeQ8(values));
        const largest = Math.max(...values.map(Math.abs));
        const step = largest / 127;
        const bound = step / 2 + 127 * (step * 2 ** -11 + 2 ** -25) + 1e-6;
        for (const [index, value] of values.entries()) {
          expect(Math.abs((decoded[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
        }
      }),
    );
  });

  test("what was decoded encodes to the same bytes again", () => {
    fc.assert(
      fc.property(
        block.filter((values) => values.some((value) => Math.abs(value) > 0.1)),
        (values) => {
          const once = encodeQ8(values);
          expect([...splitQ8(encodeQ8(decodeQ8(once))).values]).toEqual([...splitQ8(once).values]);
        },
      ),
    );
  });

  test("refuses half a block and numbers that it cannot hold", () => {
    expect(() => encodeQ8(new Float32Array(31))).toThrow(/multiples of 32/);
    expect(() => encodeQ8(new Float32Array(32).fill(Number.NaN))).toThrow(/cannot hold the value NaN/);
    expect(() => encodeQ8(new Float32Array(32).fill(Infinity))).toThrow(/cannot hold the value Infinity/);
    expect(() => encodeQ8(new Float32Array(32).fill(1e9))).toThrow(RangeError);
  });
});

describe("half precision", () => {
  test("rounds to nearest, ties to even, and overflows to infinity", () => {
    const rounded = f16ToF32(f32ToF16(Float32Array.of(1, 2049, 2051, -0.1, 65_504, 70_000, 2 ** -24)));
    expect([...rounded]).toEqual([1, 2048, 2052, -0.0999755859375, 65_504, Infinity, 2 ** -24]);
  });

  test("every half survives the way through 32 bits", () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7c00) !== 0x7c00,
    );
    const bytes = new Uint8Array(halves.buffer, 0, halves.byteLength);
    expect(Buffer.from(f32ToF16(f16ToF32(bytes))).equals(Buffer.from(bytes))).toBe(true);
  });

  test("bfloat16 is the upper half of a float, at any alignment", () => {
    const bytes = Uint8Array.of(0, 0x80, 0x3f, 0x49, 0xc0);
    expect([...bf16ToF32(bytes.subarray(1))]).toEqual([1, -3.140625]);
  });
});
