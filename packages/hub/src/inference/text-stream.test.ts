import fc from "fast-check";
import { expect, test } from "vitest";
import { TextStream } from "./text-stream.ts";

/** Runs the stream over the given pieces and gives all text and the stop string. */
function run(
  pieces: readonly Uint8Array[],
  stops: readonly string[],
): { shown: string; stopped: string | null } {
  const stream = new TextStream(stops);
  let shown = "";
  for (const piece of pieces) {
    const { text, stopped } = stream.push(piece);
    shown += text;
    if (stopped !== null) return { shown, stopped };
  }
  const last = stream.end();
  return { shown: shown + last.text, stopped: last.stopped };
}

function splitAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** What the text should be, computed from the whole text at once, one character at a time. */
function reference(text: string, stops: readonly string[]): { shown: string; stopped: string | null } {
  for (let end = 1; end <= text.length; end++) {
    const stop = stops
      .filter((candidate) => candidate !== "" && text.slice(0, end).endsWith(candidate))
      .toSorted((a, b) => b.length - a.length)[0];
    if (stop !== undefined) return { shown: text.slice(0, end - stop.length), stopped: stop };
  }
  return { shown: text, stopped: null };
}

/** Few letters, so that stop strings and their beginnings turn up all the time. */
const letters = fc.string({ unit: fc.constantFrom("a", "b", "ß", "€", "🔥", "\n", "\uFEFF"), maxLength: 30 });
const stopStrings = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "ß", "🔥", "\n"), maxLength: 4 }), {
  maxLength: 4,
});

test("any split of the bytes gives the text cut at the first complete stop string", () => {
  fc.assert(
    fc.property(
      letters,
      stopStrings,
      fc.array(fc.nat({ max: 200 }), { maxLength: 12 }),
      (text, stops, cuts) => {
        const bytes = new TextEncoder().encode(text);
        expect(run(splitAt(bytes, cuts), stops)).toEqual(reference(text, stops));
      },
    ),
    { numRuns: 2000 },
  );
});

test("any split of bytes that are no UTF-8 gives what decoding them at once gives", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 24 }),
      fc.array(fc.nat({ max: 30 }), { maxLength: 6 }),
      (bytes, cuts) => {
        const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
        expect(run(splitAt(bytes, cuts), [])).toEqual({ shown: whole, stopped: null });
      },
    ),
    { numRuns: 1000 },
  );
});

test("no shown text ever holds a stop string, at any time", () => {
  fc.assert(
    fc.property(letters, stopStrings, (text, stops) => {
      const stream = new TextStream(stops);
      let shown = "";
      for (const byte of new TextEncoder().encode(text)) shown += stream.push(Uint8Array.of(byte)).text;
      shown += stream.end().text;
      for (const stop of stops) if (stop !== "") expect(shown).not.toContain(stop);
    }),
  );
});

test("a character that is never finished comes out as a replacement character at the end", () => {
  const stream = new TextStream([]);
  expect(stream.push(Uint8Array.of(0x41, 0xf0, 0x9f, 0x94))).toEqual({ text: "A", stopped: null });
  expect(stream.end()).toEqual({ text: "\uFFFD", stopped: null });
});

test("text is held back only as long as it can still become a stop string", () => {
  const stream = new TextStream(["STOP"]);
  const push = (text: string): string => stream.push(new TextEncoder().encode(text)).text;
  expect([push("x ST"), push("A"), push("STO"), push("RE")]).toEqual(["x ", "STA", "", "STORE"]);
});
