import { expect, test } from "vitest";
import { markdownParts, textParts } from "./parts.ts";

test("a short text is one part", () => {
  expect(markdownParts("```js\nopen")).toEqual(["```js\nopen"]);
  expect(textParts("")).toEqual([]);
});

test.each([
  ["paragraphs", "word word.\n\n".repeat(10_000)],
  ["lines", "a line of it\n".repeat(10_000)],
  ["words", "word ".repeat(20_000)],
  ["one word", "x".repeat(100_000)],
  ["pairs", `a${"😀".repeat(50_000)}`],
])("nothing of %s is lost or cut through", (_, text) => {
  const parts = textParts(text);
  expect(parts.join("")).toBe(text);
  expect(parts.length).toBeGreaterThan(4);
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(20_000);
    expect(part.isWellFormed()).toBe(true);
  }
  expect(markdownParts(text).join("")).toBe(text);
  expect(textParts(text, 2)).toEqual(parts.slice(0, 2));
});

test("code that is cut goes on as code of its language", () => {
  const code = "const a = `\n".repeat(3_000);
  const parts = markdownParts(`Look:\n\n~~~~js\n~~~\n\`\`\`\n${code}~~~~\n\nDone.`);
  expect(parts).toHaveLength(2);
  expect(parts[0]?.endsWith("\n~~~~")).toBe(true);
  expect(parts[1]?.startsWith("~~~~js\nconst a")).toBe(true);
  expect(parts[1]?.endsWith("~~~~\n\nDone.")).toBe(true);
});
