import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HearthError } from "../../errors.ts";
import { expression, subject as text } from "../tests/random-expressions.ts";
import { matchesExpression, parseRegularExpression } from "./regular-expression.ts";

describe("regular expressions", () => {
  it("match what JavaScript's match", () => {
    fc.assert(
      fc.property(expression, text, fc.boolean(), (source, subject, anyCase) => {
        const reference = new RegExp(source, anyCase ? "ui" : "u").test(subject);
        expect(matchesExpression(anyCase ? `(?i)${source}` : source, subject)).toBe(reference);
      }),
      { numRuns: 3000 },
    );
  });

  it("answer for expressions that make backtracking engines hang", () => {
    const subject = "a".repeat(20_000) + "!";
    expect(matchesExpression("^(a+)+$", subject)).toBe(false);
    expect(matchesExpression("(a|aa)*b", subject)).toBe(false);
    expect(matchesExpression("(.*)*(.*)*x", subject)).toBe(false);
    expect(matchesExpression("(?:a?){200}!", subject)).toBe(true);
  });

  it("end a search that needs ever more states", () => {
    // Every text of a and b leads to a state of its own.
    let bits = 1;
    const subject = Array.from({ length: 200_000 }, () => {
      bits = (Math.imul(bits, 1103515245) + 12345) >>> 0;
      return bits & 65536 ? "a" : "b";
    }).join("");
    expect(() => matchesExpression("a[ab]{200}x", subject)).toThrow(/takes too long/);
  });

  it.each([
    "(",
    ")",
    "a)",
    "[a",
    "[b-a]",
    "[\\d-z]",
    "*a",
    "a**",
    "a{2,1}",
    "a{256}",
    "a{",
    "\\",
    "\\1",
    "\\p{L}",
    "(?=a)",
    "(?<n>a)",
    "a++",
    "^*",
    "[[:alpha:]]",
    "(a{100}){100}",
    `${"(".repeat(9)}${"){255}".repeat(9)}`,
    `${"(".repeat(101)}a${")".repeat(101)}`,
  ])("refuse %s", (source) => {
    expect(() => parseRegularExpression(source)).toThrow(HearthError);
  });

  it("refuse what is too long to run", () => {
    expect(() => parseRegularExpression("a".repeat(3000))).toThrow(/3000 characters/);
    expect(() => parseRegularExpression("a".repeat(600))).toThrow(/more than 500 steps/);
  });

  it("refuse whatever they cannot read with invalid_request and nothing else", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."ab()[]{}*+?|^$\\.-,:1dwxu#\u00e9".split("")), maxLength: 20 }),
        (source) => {
          try {
            parseRegularExpression(source);
          } catch (error) {
            if (!(error instanceof HearthError) || error.code !== "invalid_request") throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
