import fc from "fast-check";
import { expect, test } from "vitest";
import { characterClass, Grammar, literal } from "./grammar.ts";
import { repeated } from "./repetition.ts";
import { anyOf } from "./choice.ts";
import { Gbnf } from "./tests/gbnf.ts";

test("names are unique and legal, whatever the hint", () => {
  const grammar = new Grammar();
  const names = ["a b", "a_b", "a-b", "", "__proto__", "root", "ü", "-", "x".repeat(100), "a-b-2"].map(
    (hint) => grammar.add(hint, literal("x")),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.every((name) => /^[A-Za-z0-9-]+$/.test(name) && name !== "root")).toBe(true);
  expect(new Gbnf(grammar.toString(names[0] ?? "")).rules).toBe(names.length + 1);
});

test("rules may refer to themselves, and every reserved one must be defined", () => {
  const grammar = new Grammar();
  const list = grammar.reserve("list");
  grammar.define(list, `"(" ${list}* ")"`);
  expect(new Gbnf(grammar.toString(list)).accepts("(()(()))")).toBe(true);
  grammar.reserve("forgotten");
  expect(() => grammar.toString(list)).toThrow("never defined");
  expect(() => grammar.toString("nothing")).toThrow("no rule");
});

test("a literal is exactly its text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const grammar = new Grammar();
      const gbnf = new Gbnf(grammar.toString(grammar.add("text", literal(text))));
      expect(gbnf.accepts(text)).toBe(true);
      expect(gbnf.accepts(`${text}x`)).toBe(false);
    }),
  );
});

test("a class is exactly its ranges", () => {
  const grammar = new Grammar();
  const some = grammar.add(
    "some",
    characterClass([
      [0x5b, 0x5e],
      [0x2d, 0x2d],
      [0x1f600, 0x1f610],
    ]),
  );
  const gbnf = new Gbnf(grammar.toString(some));
  expect(["[", "]", "^", "\\", "-", "😀"].map((text) => gbnf.accepts(text))).toEqual(Array(6).fill(true));
  expect(["Z", "_", "a", ""].map((text) => gbnf.accepts(text))).toEqual(Array(4).fill(false));
});

test("one of many texts: each of them and nothing else", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "😀", '"'), maxLength: 5 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), word, (texts, other) => {
      const grammar = new Grammar();
      const gbnf = new Gbnf(grammar.toString(grammar.add("one", anyOf(grammar, "one", texts))));
      for (const text of texts) expect(gbnf.accepts(text)).toBe(true);
      expect(gbnf.accepts(other)).toBe(texts.includes(other));
    }),
  );
});

test("repetitions are counted exactly, beyond what llama.cpp unfolds", () => {
  fc.assert(
    fc.property(fc.nat(1600), fc.option(fc.nat(1600)), fc.nat(3300), (min, more, length) => {
      const max = more === null ? null : min + more;
      const grammar = new Grammar();
      const x = grammar.add("x", literal("x"));
      const gbnf = new Gbnf(grammar.toString(grammar.add("run", repeated(grammar, x, min, max))));
      for (const count of [length, min - 1, min, max ?? min, (max ?? min) + 1]) {
        if (count < 0) continue;
        expect(gbnf.accepts("x".repeat(count)), `${count} in ${min}–${max}`).toBe(
          count >= min && count <= (max ?? Infinity),
        );
      }
    }),
    { numRuns: 30 },
  );
});
