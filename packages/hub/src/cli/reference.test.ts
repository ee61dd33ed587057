import { expect, test } from "vitest";
import { UsageError } from "./errors.ts";
import { parseReference, parseVersionReference } from "./reference.ts";

test.each([
  ["triage", { name: "triage", version: null, alias: null }],
  ["triage:3", { name: "triage", version: 3, alias: null }],
  ["triage@champion", { name: "triage", version: null, alias: "champion" }],
  ["my.model-2:12", { name: "my.model-2", version: 12, alias: null }],
])("%s is read", (text, reference) => expect(parseReference(text)).toEqual(reference));

test.each(["", ":3", "triage:", "triage:x", "triage@", "a b", "../x", "triage:1@champion"])(
  "%j is refused with what is allowed",
  (text) => expect(() => parseReference(text)).toThrow(UsageError),
);

test("a command that needs a version says how to write one", () => {
  expect(parseVersionReference("triage:3")).toEqual({ name: "triage", version: 3 });
  expect(() => parseVersionReference("triage@champion")).toThrow("triage:3");
});
