import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStreamReader, StreamTooLarge, type StreamedEvent } from "./event-stream.ts";

function read(pieces: readonly Uint8Array[]): StreamedEvent[] {
  const reader = new EventStreamReader();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function cut(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (whole.length + 1)), whole.length].toSorted(
    (a, b) => a - b,
  );
  return borders.slice(1).map((border, index) => whole.subarray(borders[index], border));
}

const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const line = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, "")}`),
  fc.constantFrom(
    "",
    "",
    ": keepalive 3/7",
    "data:",
    "data",
    "event: error",
    "id: 1",
    "retry: 5",
    'error: {"a":1}',
    "data:  two",
  ),
);

test("wherever the bytes are split, the events are the same", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(line, lineEnd), { maxLength: 30 }),
      fc.array(fc.nat({ max: 2000 }), { maxLength: 12 }),
      (lines, places) => {
        const whole = bytes(lines.flat().join(""));
        const events = read([whole]);
        expect(read(cut(whole, places))).toEqual(events);
        expect(read([...whole].map((byte) => Uint8Array.of(byte)))).toEqual(events);
      },
    ),
  );
});

test("whatever the lines end with, the events are the same", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), lineEnd, (lines, end) => {
      const joined = (separator: string): Uint8Array => bytes(lines.map((each) => each + separator).join(""));
      expect(read([joined(end)])).toEqual(read([joined("\n")]));
    }),
  );
});

test("comments, several data lines, names of events, a last event without its empty line", () => {
  const text = ': keepalive\n\ndata: {"a":\ndata: 1}\n\nevent: error\ndata: x\n\nid: 7\n\ndata: [DONE]';
  expect(read([bytes(text)])).toEqual([
    { event: "", data: '{"a":\n1}' },
    { event: "error", data: "x" },
    { event: "", data: "[DONE]" },
  ]);
});

test("an older llama-server's line of an error", () => {
  expect(read([bytes('error: {"code":500,"message":"no"}\n\n')])).toEqual([
    { event: "error", data: '{"code":500,"message":"no"}' },
  ]);
});

test.each(["x".repeat(70_000), "data: x\n".repeat(30_000)])(
  "a stream without end of an event is not kept",
  (part) => {
    const reader = new EventStreamReader();
    expect(() => {
      for (let round = 0; round < 100; round++) reader.push(bytes(part));
    }).toThrow(StreamTooLarge);
  },
);
