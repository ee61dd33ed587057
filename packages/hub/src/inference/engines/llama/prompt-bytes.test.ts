import { expect, test } from "vitest";
import { leastBytes, leastTokens } from "./prompt-bytes.ts";

test("of a chat only what users say counts, without white space at its ends", () => {
  const messages = [
    { role: "system", content: "be kind" },
    { role: "user", content: "  hé\n" },
    { role: "assistant", content: "thoughts that a template may drop" },
    { role: "user", content: "ab" },
  ];
  expect(leastBytes({ kind: "chat", messages })).toBe(5);
});

test("of a text all of it, of tokens nothing", () => {
  expect(leastBytes({ kind: "text", text: " é " })).toBe(4);
  expect(leastBytes({ kind: "tokens", tokens: [1, 2, 3] })).toBe(0);
});

test("a prompt of megabytes has so many tokens at least; of a short one the exact length is worth knowing", () => {
  expect(leastTokens({ kind: "text", text: "x".repeat(1_000_000) }, 10)).toBe(100_000);
  expect(leastTokens({ kind: "text", text: "x".repeat(100_000) }, 10)).toBe(0);
});
