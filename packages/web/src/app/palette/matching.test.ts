import { expect, test } from "vitest";
import { bestOf, looksLikeId, matches, runNameFilter } from "./matching.ts";

test("every word has to be there, in any order and case", () => {
  expect(matches("train NEW", "New training job")).toBe(true);
  expect(matches("train old", "New training job")).toBe(false);
  expect(matches("  ", "anything")).toBe(true);
});

test("what is the query comes before what begins with it and what has it", () => {
  const names = ["my-tiny", "tiny-2", "tiny", "other"];
  expect(bestOf("tiny", names, (name) => name, 5)).toEqual(["tiny", "tiny-2", "my-tiny"]);
  expect(bestOf("tiny", names, (name) => name, 1)).toEqual(["tiny"]);
});

test("a quote in a name stays inside the text of the filter", () => {
  expect(runNameFilter(" it's' OR 'a' ")).toBe("attributes.run_name ILIKE '%it''s'' OR ''a''%'");
});

test("only what could be an id is asked for as one", () => {
  expect(looksLikeId("tr-0123456789abcdef")).toBe(true);
  expect(looksLikeId("11111111-2222-3333-4444-555555555555")).toBe(true);
  expect(looksLikeId("classification")).toBe(false);
  expect(looksLikeId("12")).toBe(false);
  expect(looksLikeId("../../etc/passwd1")).toBe(false);
});
