import fc from "fast-check";
import { expect, test } from "vitest";
import { anyBut, throughFirst } from "./free-text.ts";
import { Grammar } from "./grammar.ts";
import { drawing } from "./tests/oracle.ts";
import { Gbnf } from "./tests/gbnf.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "<", "😀"), minLength: 1, maxLength: 4 });
const texts = fc.array(letters, { minLength: 1, maxLength: 3 });
const anyText = fc.string({ unit: fc.constantFrom("a", "b", "<", "😀", "\n", "x"), maxLength: 14 });

test("free text is exactly the text in which none of the marks occurs", () => {
  fc.assert(
    fc.property(texts, anyText, fc.nat(), (marks, text, seed) => {
      const grammar = new Grammar();
      const gbnf = new Gbnf(grammar.toString(anyBut(grammar, ...marks)));
      expect(gbnf.accepts(text)).toBe(!marks.some((mark) => text.includes(mark)));
      const drawn = gbnf.text(drawing(seed), 40);
      expect(marks.some((mark) => drawn.includes(mark))).toBe(false);
    }),
  );
});

test("text through a mark ends with the first one there is", () => {
  fc.assert(
    fc.property(texts, anyText, (marks, before) => {
      const grammar = new Grammar();
      const gbnf = new Gbnf(grammar.toString(throughFirst(grammar, ...marks)));
      const whole = `${before}${marks[0]}`;
      const ends = marks.map((mark) => (whole.includes(mark) ? whole.indexOf(mark) + mark.length : Infinity));
      expect(gbnf.accepts(whole)).toBe(Math.min(...ends) === whole.length);
      expect(gbnf.accepts(whole.slice(0, Math.min(...ends)))).toBe(true);
    }),
  );
});

test("without marks everything is free", () => {
  const grammar = new Grammar();
  const gbnf = new Gbnf(grammar.toString(anyBut(grammar)));
  expect(gbnf.accepts("")).toBe(true);
  expect(gbnf.accepts('any "text"\n😀')).toBe(true);
});
