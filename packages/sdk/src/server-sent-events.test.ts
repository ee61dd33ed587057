import fc from "fast-check";
import { expect, test } from "vitest";
import { readServerSentEvents, type ServerSentEvent } from "./server-sent-events.ts";

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function parse(chunks: Uint8Array[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(streamOf(chunks))) events.push(event);
  return events;
}

function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}

const encoder = new TextEncoder();
const line = fc.string({ unit: fc.constantFrom("a", "ü", "🔥", " ", ":", "d") });

test("however the bytes are cut and lines end, the events are the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ event: fc.constantFrom("token", "done"), lines: fc.array(line, { minLength: 1 }) }),
      ),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.nat(10_000)),
      async (events, end, places) => {
        const wire = events
          .map(
            ({ event, lines }) =>
              `: note${end}event: ${event}${end}${lines.map((text) => `data: ${text}${end}`).join("")}${end}`,
          )
          .join("");
        const expected = events.map(({ event, lines }) => ({ event, data: lines.join("\n") }));
        expect(await parse(cut(encoder.encode(wire), places))).toEqual(expected);
      },
    ),
  );
});

test.each([
  ["data: a", []],
  ["data: a\n", []],
  ["data: a\n\n", [{ event: "message", data: "a" }]],
  ["data:a\n\n", [{ event: "message", data: "a" }]],
  ["data:  a\n\n", [{ event: "message", data: " a" }]],
  ["event: x\n\n", []],
  ["id: 1\nretry: 5\ndata\n\n", [{ event: "message", data: "", id: "1" }]],
])("%j", async (wire, expected) => {
  expect(await parse([encoder.encode(wire)])).toEqual(expected);
});

test("leaving the loop ends the stream", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encoder.encode("data: a\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const event of readServerSentEvents(stream)) {
    expect(event.data).toBe("a");
    break;
  }
  expect(cancelled).toBe(true);
});
