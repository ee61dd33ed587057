import fc from "fast-check";
import { expect, test } from "vitest";
import { readServerSentEvents } from "../../../sdk/src/server-sent-events.ts";
import { eventStream, eventText } from "./sse.ts";

test("any JSON comes back from the wire as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.json()), async (values) => {
      async function* events() {
        for (const value of values) yield { event: "x", data: { value: JSON.parse(value) as unknown } };
      }
      const body = eventStream(events()).body;
      const read: unknown[] = [];
      if (body !== null) for await (const { data } of readServerSentEvents(body)) read.push(JSON.parse(data));
      expect(read).toEqual(values.map((value) => ({ value: JSON.parse(value) as unknown })));
    }),
  );
});

test("the wire form", () => {
  expect(eventText({ event: "token", id: "7", data: { a: 1 } })).toBe(
    'event: token\nid: 7\ndata: {"a":1}\n\n',
  );
  expect(eventText({ data: "[DONE]" })).toBe("data: [DONE]\n\n");
  expect(eventText({ data: "a\r\nb" })).toBe("data: a\ndata: b\n\n");
});

test("a reader that leaves ends the work behind the stream", async () => {
  let ended = false;
  async function* events() {
    try {
      for (;;) yield { data: 1 };
    } finally {
      ended = true;
    }
  }
  const reader = eventStream(events()).body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect(ended).toBe(true);
});

test("each event is a chunk of its own", async () => {
  async function* events() {
    yield { data: 1 };
    yield { data: 2 };
  }
  const reader = eventStream(events()).body?.getReader();
  const decoder = new TextDecoder();
  expect(decoder.decode((await reader?.read())?.value)).toBe("data: 1\n\n");
  expect(decoder.decode((await reader?.read())?.value)).toBe("data: 2\n\n");
});
