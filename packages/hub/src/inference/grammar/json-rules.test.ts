import fc from "fast-check";
import { expect, test } from "vitest";
import { Grammar } from "./grammar.ts";
import {
  jsonIntegerRule,
  jsonNumberRule,
  jsonObjectRule,
  jsonStringRule,
  jsonValueRule,
} from "./json-rules.ts";
import { Gbnf } from "./tests/gbnf.ts";
import { drawing } from "./tests/oracle.ts";

function gbnf(rule: (grammar: Grammar) => string): Gbnf {
  const grammar = new Grammar();
  return new Gbnf(grammar.toString(rule(grammar)));
}

test("what JSON.stringify writes is accepted, compact and indented", () => {
  const value = gbnf(jsonValueRule);
  const json = fc
    .jsonValue({ maxDepth: 3, noUnicodeString: false })
    .filter((one) => !/e[+-]?\d{3}/.test(JSON.stringify(one)));
  fc.assert(
    fc.property(json, (one) => {
      expect(value.accepts(JSON.stringify(one))).toBe(true);
      expect(value.accepts(JSON.stringify(one, null, 2))).toBe(true);
      expect(value.accepts(JSON.stringify(one, null, "\t"))).toBe(true);
    }),
  );
});

test("what the grammar allows is JSON with finite numbers and whole surrogate pairs", () => {
  const value = gbnf(jsonValueRule);
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const text = value.text(drawing(seed));
      const parsed: unknown = JSON.parse(text);
      expect(JSON.stringify(parsed)).not.toMatch(/\\ud[89ab]/);
      expect(
        JSON.stringify(parsed, (_, one: unknown) => (one === Infinity ? "infinite" : one)),
      ).not.toContain("infinite");
    }),
    { numRuns: 300 },
  );
});

test.each([
  [
    jsonStringRule,
    ['""', '"a\\n\\u00e9\\ud83d\\ude00 \\"😀"'],
    ['"', '"\n"', '"\\x"', '"\\ud83d"', '"\\ude00"', "'a'"],
  ],
  [
    jsonNumberRule,
    ["0", "-0", "1.5e-3", "9999999999999999", "0.30000000000000004"],
    ["01", "+1", ".5", "1.", "1e999", "1e", "0x1", "NaN"],
  ],
  [jsonIntegerRule, ["0", "-1", "1234567890123456"], ["-0", "1.0", "1e3", "12345678901234567", "01"]],
  [
    jsonObjectRule,
    ["{}", '{"a": [1, {"b": null}]}'],
    ["[]", '{"a"}', '{"a": 1,}', '{ "a" : 1}', "{\n\n}", `{${" ".repeat(9)}}`, "{} "],
  ],
] as const)("%o", (rule, good, bad) => {
  const grammar = gbnf(rule);
  expect(good.filter((text) => !grammar.accepts(text))).toEqual([]);
  expect(bad.filter((text) => grammar.accepts(text))).toEqual([]);
});
