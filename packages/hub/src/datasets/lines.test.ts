import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "./lines.ts";

function split(
  bytes: Uint8Array,
  cuts: readonly number[],
  maxBytes = 1000,
): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = [];
  const splitter = new LineSplitter(
    maxBytes,
    (line, number) => lines.push({ line: number, text: Buffer.from(line).toString("latin1") }),
    (line) => {
      throw new RangeError(`line ${line}`);
    },
  );
  let start = 0;
  for (const cut of [
    ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ]) {
    const chunk = Uint8Array.from(bytes.subarray(start, cut));
    splitter.push(chunk);
    // A reader reuses its buffer.
    chunk.fill(0x21);
    start = cut;
  }
  splitter.end();
  return lines;
}

const text = fc.string({ unit: fc.constantFrom("a", "é", "\n", "\r", " "), maxLength: 60 });

describe("LineSplitter", () => {
  it("gives the same lines wherever the stream is cut", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (content, cuts) => {
        const bytes = Buffer.from(content, "utf8");
        const expected = bytes.toString("latin1").split("\n");
        // What follows the last line break is a line only when there is something.
        if (expected.at(-1) === "") expected.pop();
        expect(split(bytes, cuts)).toEqual(expected.map((line, index) => ({ line: index + 1, text: line })));
      }),
    );
  });

  it("names the line that is too long, however it arrives", () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(20), fc.array(fc.nat(), { maxLength: 5 }), (before, over, cuts) => {
        const bytes = Buffer.from("x\n".repeat(before) + "y".repeat(11 + over) + "\nz");
        expect(() => split(bytes, cuts, 10)).toThrow(`line ${before + 1}`);
      }),
    );
    expect(split(Buffer.from(`${"y".repeat(10)}\n`), [], 10)).toHaveLength(1);
  });
});
