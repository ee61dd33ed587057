import { expect, test } from "vitest";
import { boundedLabels } from "./bounded-labels.ts";

test("the first values stay themselves, whatever comes later", () => {
  const label = boundedLabels(2);
  expect(["a", "b", "c", "a", "d", "b"].map(label)).toEqual(["a", "b", "other", "a", "other", "b"]);
});
