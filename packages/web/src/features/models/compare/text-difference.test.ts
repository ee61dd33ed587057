import { expect, test } from "vitest";
import { asExpected, markedParts } from "./text-difference.ts";

test("what the other text does not say is marked, and the parts are the text", () => {
  const parts = markedParts("The sky is blue today", "The sky is often blue");
  expect(parts).toEqual([
    { text: "The sky is blue", marked: false },
    { text: " today", marked: true },
  ]);
  expect(markedParts("The sky is often blue", "The sky is blue today")).toEqual([
    { text: "The sky is", marked: false },
    { text: " often", marked: true },
    { text: " blue", marked: false },
  ]);
  const text = " a\n\nb  c d \n";
  expect(
    markedParts(text, "c x b")
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
  expect(markedParts("", "anything")).toEqual([]);
});

test("texts of many words are left as they are", () => {
  const long = "word ".repeat(5_000);
  expect(markedParts(long, "word")).toEqual([{ text: long, marked: false }]);
});

test("an answer is as expected whatever its case, form and blanks at the ends", () => {
  expect(asExpected(" Blau\n", "blau")).toBe(true);
  expect(asExpected("e\u0301", "\u00E9")).toBe(true);
  expect(asExpected("blau!", "blau")).toBe(false);
});
