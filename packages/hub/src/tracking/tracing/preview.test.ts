import fc from "fast-check";
import { expect, it } from "vitest";
import { preview } from "./preview.ts";

it("shows the last message of a conversation", () => {
  const messages = [
    { role: "user", content: "first" },
    { role: "assistant", content: "reply" },
    { role: "user", content: [{ type: "text", text: "second" }] },
  ];
  expect(preview({ messages }, "user")).toBe("second");
  expect(preview({ messages }, "assistant")).toBe("reply");
  expect(preview({ input: messages }, "user")).toBe("second");
  expect(preview({ request: { messages } }, "user")).toBe("second");
  expect(preview({ choices: [{ message: { role: "assistant", content: "said" } }] }, "assistant")).toBe(
    "said",
  );
});

it("shows anything else as JSON", () => {
  expect(preview("text", "user")).toBe('"text"');
  expect(preview({ x: [1, null] }, "user")).toBe('{"x": [1, null]}');
  expect(preview({ messages: [] }, "user")).toBe('{"messages": []}');
});

it("is never longer than a thousand characters, and never half a character", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat({ max: 1200 }), (value, length) => {
      const shown = preview({ value: JSON.stringify(value), padding: "\u{1F525}".repeat(length) }, "user");
      expect(shown.length).toBeLessThanOrEqual(1000);
      expect(shown.isWellFormed()).toBe(true);
    }),
  );
});
