import { expect, test } from "vitest";
import { boundedContent } from "./answer-content.ts";

test("what is short is kept as it is, what is long loses its end, and the oldest messages go first", () => {
  const short = { input: { messages: [{ role: "user", content: "hi" }] }, output: "ho" };
  expect(boundedContent(short)).toEqual(short);
  const long = boundedContent({ input: { prompt: "x".repeat(1e6) }, output: "y".repeat(1e6) });
  expect(JSON.stringify(long).length).toBeLessThan(140_000);
  const chat = boundedContent({
    input: {
      messages: [
        { role: "system", content: "s".repeat(50_000) },
        { role: "user", content: "a".repeat(60_000) },
        { role: "user", content: "newest" },
      ],
    },
    output: null,
  });
  const { messages } = chat.input as { messages: { content: string }[] };
  expect(messages.at(-1)?.content).toBe("newest");
  expect(messages.map(({ content }) => content.length).reduce((sum, length) => sum + length)).toBeLessThan(
    65_600,
  );
});

test("a hundred thousand empty messages are bounded, and no text holds what a database cannot store", () => {
  const many = boundedContent({
    input: { messages: Array.from({ length: 100_000 }, () => ({ role: "user", content: "" })) },
    output: "a\0b\uD800",
  });
  expect((many.input as { messages: unknown[] }).messages.length).toBeLessThan(2_100);
  expect(many.output).toBe("a\uFFFDb\uFFFD");
});
