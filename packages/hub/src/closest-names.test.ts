import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closestNames, editDistance } from "./closest-names.ts";

describe("editDistance", () => {
  it.each([
    ["ember", "ember", 0],
    ["ember", "embre", 1],
    ["ember", "embers", 1],
    ["ember", "amber", 1],
    ["kitten", "sitting", 3],
    ["", "abc", 3],
  ])("of %s and %s is %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is symmetric, zero only for equals, and says when it is over the limit", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(word, word, fc.nat(8), (a, b, limit) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(a, b, limit)).toBe(distance <= limit ? distance : limit + 1);
      }),
    );
  });
});

describe("closestNames", () => {
  const names = ["ember", "email-triage", "email-triage-v2", "Qwen2.5-0.5B", "zephyr"];

  it("finds typing mistakes, other capitals and beginnings, the closest first", () => {
    expect(closestNames("embr", names)).toEqual(["ember"]);
    expect(closestNames("qwen2.5-0.5b", names)).toEqual(["Qwen2.5-0.5B"]);
    expect(closestNames("email", names)).toEqual(["email-triage", "email-triage-v2"]);
    expect(closestNames("email-traige", names)).toEqual(["email-triage", "email-triage-v2"]);
  });

  it("finds nothing when nothing is close", () => {
    expect(closestNames("completely-different", names)).toEqual([]);
    expect(closestNames("", names)).toEqual([]);
  });
});
