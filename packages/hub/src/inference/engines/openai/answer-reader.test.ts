import fc from "fast-check";
import { expect, test } from "vitest";
import type { GenerateEvent } from "../../engine.ts";
import { AnswerReader } from "./answer-reader.ts";
import { ServerFailure } from "./failures.ts";

const server = {
  provider: "p",
  url: "http://h/v1",
  apiKey: null,
  apiKeyVariable: null,
  extensions: [],
  timeoutMs: 1_000,
};

/** JSON that is shaped like chunks, with anything at any place. */
const anything = fc.oneof({ maxDepth: 2 }, fc.jsonValue({ maxDepth: 2 }), fc.string(), fc.integer());
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: anything });
const call = fc.record(
  {
    index: maybe(fc.nat({ max: 3 })),
    id: maybe(fc.constantFrom("a", "b")),
    function: maybe(
      fc.record({ name: maybe(fc.constant("f")), arguments: maybe(fc.string()) }, { requiredKeys: [] }),
    ),
  },
  { requiredKeys: [] },
);
const delta = fc.record(
  {
    content: maybe(fc.string()),
    reasoning: maybe(fc.string()),
    tool_calls: maybe(fc.array(call, { maxLength: 3 })),
  },
  { requiredKeys: [] },
);
const chunk = fc.record(
  {
    choices: maybe(
      fc.array(
        fc.record(
          {
            index: maybe(fc.nat({ max: 1 })),
            delta: maybe(delta),
            finish_reason: maybe(fc.constantFrom("stop", "length")),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 2 },
      ),
    ),
    usage: maybe(fc.record({ prompt_tokens: maybe(fc.nat()), completion_tokens: maybe(fc.nat()) })),
  },
  { requiredKeys: [] },
);

test("whatever a server says: events in their order with sound types, or a failure that names the server", () => {
  fc.assert(
    fc.property(fc.array(maybe(chunk), { maxLength: 8 }), fc.boolean(), (chunks, told) => {
      const reader = new AnswerReader(server, {});
      const events: GenerateEvent[] = [];
      try {
        for (const each of chunks) events.push(...reader.push(each));
        events.push(...reader.end(told));
        expect(events.at(-1)?.type).toBe("done");
      } catch (error) {
        expect(error).toBeInstanceOf(ServerFailure);
        expect(String(error)).toContain("http://h/v1 (provider p)");
      }
      for (const [place, event] of events.entries()) {
        expect(event.type === "started").toBe(place === 0);
        if (event.type !== "tokens") continue;
        expect(typeof event.text).toBe("string");
        for (const part of event.toolCalls ?? []) expect(typeof part.arguments).toBe("string");
      }
      const indexes = events.flatMap((event) =>
        event.type === "tokens" ? (event.toolCalls ?? []).filter((part) => part.name !== undefined) : [],
      );
      expect(indexes.map(({ index }) => index)).toEqual(indexes.map((_, place) => place));
    }),
    { numRuns: 500 },
  );
});
