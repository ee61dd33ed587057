import { expect, test } from "vitest";
import { ColorBook, colorAt } from "./line-colors.ts";

test.each(["light", "dark"] as const)("100 runs have 100 colours (%s)", (scheme) => {
  const colors = Array.from({ length: 100 }, (_, at) => colorAt(at, scheme));
  expect(new Set(colors).size).toBe(100);
  for (const color of colors) expect(color).toMatch(/^#[0-9a-f]{6}$/);
});

test("a run keeps its colour whoever comes or goes", () => {
  const book = new ColorBook();
  const [one, two] = [book.colorOf("one", "light"), book.colorOf("two", "light")];
  expect(two).not.toBe(one);
  book.colorOf("new", "light");
  expect([book.colorOf("two", "light"), book.colorOf("one", "light")]).toEqual([two, one]);
});
