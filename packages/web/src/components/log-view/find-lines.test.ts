import { expect, test } from "vitest";
import { findLines } from "./find-lines.ts";

test("lines are found whatever their case, as they are written, none for nothing", () => {
  const lines = ["Step 1", "loss (a+b)", "step 2", ""];
  expect(findLines(lines, "STEP")).toEqual([0, 2]);
  expect(findLines(lines, "(a+b)")).toEqual([1]);
  expect(findLines(lines, "")).toEqual([]);
  expect(findLines(lines, "none")).toEqual([]);
});
