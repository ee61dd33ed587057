import { expect, test } from "vitest";
import { fileName } from "./export.ts";

test.each([
  ["What is ../../etc?", "What-is-etc"],
  ["größer 1", "größer-1"],
  ["???", "conversation"],
  ["x".repeat(99), "x".repeat(60)],
])("%s is kept as %s", (title, name) => {
  expect(fileName(title)).toBe(name);
});
