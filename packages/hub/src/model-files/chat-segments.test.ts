import fc from "fast-check";
import { expect, test } from "vitest";
import type { Segment } from "./chat-template.ts";
import { afterLastSpecial, beginsWith, cut, positions } from "./chat-segments.ts";

const segment: fc.Arbitrary<Segment> = fc.oneof(
  fc.string({ maxLength: 4 }).map((text) => ({ text })),
  fc.constantFrom("<a>", "<b>").map((special) => ({ special })),
);
const rendering = fc.array(segment, { maxLength: 8 });

/** Control tokens as characters that text here never has. */
const flat = (segments: readonly Segment[]) =>
  segments
    .map((one) => ("special" in one ? (one.special === "<a>" ? "\u0000" : "\u0001") : one.text))
    .join("");

test("parts put together are the whole, wherever it is cut", () => {
  fc.assert(
    fc.property(rendering, fc.nat(40), (segments, position) => {
      const at = Math.min(position, positions(segments));
      const parts = [...cut(segments, 0, at), ...cut(segments, at, positions(segments))];
      expect(flat(parts)).toBe(flat(segments));
      expect(positions(cut(segments, 0, at))).toBe(at);
      expect(beginsWith(segments, cut(segments, 0, at))).toBe(true);
    }),
  );
});

test("beginsWith is that of the flat text, and text never equals a control token", () => {
  fc.assert(
    fc.property(rendering, rendering, (segments, prefix) => {
      expect(beginsWith(segments, prefix)).toBe(flat(segments).startsWith(flat(prefix)));
    }),
  );
  expect(beginsWith([{ text: "<a>" }], [{ special: "<a>" }])).toBe(false);
});

test("afterLastSpecial counts text by its length and control tokens by one", () => {
  expect(afterLastSpecial([{ text: "abc" }, { special: "<a>" }, { text: "\n" }])).toBe(4);
  expect(afterLastSpecial([{ text: "abc" }])).toBeUndefined();
});
