import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounded, longestOutput } from "./bounded.ts";

describe("what a tool gives back to a model", () => {
  it("is as it was when it is small, and null for nothing", () => {
    const small = { a: [1, null, "x"], b: { c: true } };
    expect(bounded(small)).toBe(small);
    expect(bounded(undefined)).toBeNull();
  });

  it("keeps its shape and says what is left out", () => {
    const rows = Array.from({ length: 900 }, (_, index) => ({ id: index, text: "x".repeat(1000) }));
    const shorter = JSON.stringify(bounded({ total: 900, rows }));
    expect(JSON.parse(shorter)).toMatchObject({ total: 900 });
    expect(shorter).toMatch(/… \(\d+ more\)/);
    expect(shorter).toMatch(/… \(\d+ more characters\)/);
  });

  it("fits, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 3_000 }), (value, times) => {
        const many = { rows: Array.from({ length: times }, () => value), text: "y".repeat(times * 10) };
        expect(JSON.stringify(bounded(many)).length).toBeLessThanOrEqual(longestOutput);
      }),
    );
  });
});
