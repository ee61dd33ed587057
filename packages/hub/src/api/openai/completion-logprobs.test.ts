import fc from "fast-check";
import { expect, test } from "vitest";
import { CompletionLogprobWriter } from "./completion-logprobs.ts";

const encoder = new TextEncoder();
const characters = (text: string): number => Array.from(text).length;

test("offsets point at characters, however the text is cut into tokens and calls", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat(40)), (text, cuts) => {
      const bytes = [...encoder.encode(text)];
      const places = [...new Set(cuts.filter((cut) => cut < bytes.length))].toSorted((a, b) => a - b);
      const tokens = [0, ...places]
        .map((start, index) => bytes.slice(start, places[index] ?? bytes.length))
        .map((part) => ({ bytes: part, logprob: -1, top: [] }));
      const writer = new CompletionLogprobWriter();
      const offsets = tokens.flatMap((token) => writer.write([token]).text_offset);
      let begun = 0;
      tokens.forEach((token, index) => {
        const before = new TextDecoder().decode(Uint8Array.from(bytes.slice(0, begun)), { stream: true });
        expect(offsets[index]).toBe(characters(before));
        begun += token.bytes.length;
      });
      expect(characters(text)).toBeGreaterThanOrEqual(offsets.at(-1) ?? 0);
    }),
  );
});

test("the shape of OpenAI's older endpoint", () => {
  const half = { id: 3, bytes: [0xe2, 0x80], logprob: -Infinity };
  const written = new CompletionLogprobWriter().write([
    { bytes: [...encoder.encode("Hi")], logprob: null, top: [] },
    {
      bytes: half.bytes,
      logprob: -2,
      top: [{ id: 1, bytes: [...encoder.encode("!")], logprob: -0.5 }, half],
    },
  ]);
  expect(written).toEqual({
    tokens: ["Hi", "bytes:\\xe2\\x80"],
    token_logprobs: [null, -2],
    top_logprobs: [null, { "bytes:\\xe2\\x80": -2, "!": -0.5 }],
    text_offset: [0, 2],
  });
});
