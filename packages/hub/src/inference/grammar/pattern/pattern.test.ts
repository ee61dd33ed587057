import fc from "fast-check";
import { expect, test } from "vitest";
import { Grammar } from "../grammar.ts";
import { Gbnf } from "../tests/gbnf.ts";
import { drawing } from "../tests/oracle.ts";
import { parsePattern, PatternProblem } from "./parse-pattern.ts";
import { SearchAutomaton } from "./search-automaton.ts";
import { automatonExpression } from "./string-rules.ts";
import { textAutomaton } from "./text-automaton.ts";
import type { LengthWindow, TextAutomaton } from "./text-automaton.ts";

/** Sources of regular expressions, all of them read alike with and without the flag `u`. */
const { pattern } = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      "a",
      "b",
      "\\n",
      ".",
      "[ab]",
      "[^a]",
      "[a-c-]",
      "\\d",
      "\\W",
      "\\s",
      "\\u{1F600}",
      "😀",
      "\\\\",
      '"',
      "\\x41",
      "\\.",
      "^",
      "$",
      "",
    ),
    tie("pattern").map((inside) => `(?:${inside})`),
    tie("pattern").map((inside) => `(${inside})`),
    fc
      .tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "{2,}", "*?"))
      .map(([inside, times]) => `(?:${inside})${times}`),
  ),
  pattern: fc.oneof(
    fc.array(tie("atom"), { maxLength: 3 }).map((atoms) => atoms.join("")),
    fc.tuple(tie("atom"), tie("atom")).map((options) => options.join("|")),
  ),
}));

const text = fc.string({
  unit: fc.constantFrom("a", "b", "c", "\n", "1", " ", "😀", '"', "\\", "A", "-", "\u0001"),
  maxLength: 6,
});

/** Overlapping searches may need thousands of states, though the patterns are short: these are refused by name. */
function automatonUnlessTooLarge(
  sources: readonly string[],
  window: LengthWindow,
): TextAutomaton | null | "too large" {
  try {
    return textAutomaton(
      sources.map((source) => new SearchAutomaton(source)),
      window,
    );
  } catch (error) {
    if (error instanceof PatternProblem && error.message.startsWith("takes more than")) return "too large";
    throw error;
  }
}

test("a search finds what RegExp finds", () => {
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
      const search = new SearchAutomaton(source);
      for (const one of texts)
        expect(search.test(one), JSON.stringify(one)).toBe(new RegExp(source, "u").test(one));
    }),
    { numRuns: 1000 },
  );
});

test("rules of patterns and lengths hold the strings that match, and no others", () => {
  const length = fc
    .tuple(fc.nat(3), fc.option(fc.nat(3)))
    .map(([min, more]) => ({ min, max: more === null ? null : min + more }));
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 1, maxLength: 2 }),
      length,
      text,
      fc.nat(),
      (sources, window, sample, seed) => {
        const automaton = automatonUnlessTooLarge(sources, window);
        fc.pre(automaton !== "too large");
        const valid = (one: string): boolean => {
          const count = Array.from(one).length;
          return (
            count >= window.min &&
            count <= (window.max ?? Infinity) &&
            sources.every((source) => new RegExp(source, "u").test(one))
          );
        };
        if (automaton === null) {
          expect(valid(sample)).toBe(false);
          return;
        }
        const grammar = new Grammar();
        const gbnf = new Gbnf(
          grammar.toString(grammar.add("text", automatonExpression(grammar, "text", automaton))),
        );
        expect(gbnf.accepts(JSON.stringify(sample))).toBe(valid(sample));
        const drawn = gbnf.text(drawing(seed), 10);
        expect(valid(String(JSON.parse(drawn))), drawn).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test("short patterns whose searches overlap too much are refused, not counted out", () => {
  const refused = automatonUnlessTooLarge(
    ["(?:a)|((?:()|(\\W(?:[a-c-].[^a]){2,}))(?:a))", "((?:a){2})|[ab]"],
    { min: 0, max: null },
  );
  expect(refused).toBe("too large");
});

test.each([
  "(?=a)",
  "(?!a)",
  "(?<=a)",
  "(?<!a)",
  "\\1",
  "(?<n>a)\\k<n>",
  "\\bword\\b",
  "\\p{L}",
  "(?i)a",
  "a{3,2}",
  "a{5000}",
  "*a",
  "(a",
  "a)",
  "[a",
  "[z-a]",
  "[\\d-z]",
  "\\",
  "^*",
  "\\u{110000}",
  "(".repeat(100),
  "a".repeat(3000),
])("%s is refused", (source) => {
  expect(() => parsePattern(source)).toThrow();
});

test("what makes a RegExp run for years is told in milliseconds", () => {
  const started = performance.now();
  expect(new SearchAutomaton("^(a+)+$").test(`${"a".repeat(5000)}b`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(30_000);
});
