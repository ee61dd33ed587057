import { describe, expect, test } from "vitest";
import type { JsonSchema } from "../engine.ts";
import { instanceProblem } from "./validate.ts";

test("a valid instance has no problem, whatever its order", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: { a: { type: "integer" }, b: {} },
    required: ["a"],
  };
  expect(instanceProblem(schema, ' {"b": [], "a": 1.0, "c": null} ')).toBeNull();
});

test.each<[schema: JsonSchema, text: string, problem: string]>([
  [true, "{", "It is no JSON"],
  [false, "1", "The value is not allowed"],
  [
    { properties: { "a/b": { items: { type: "integer" } } } },
    '{"a/b":[1,"x"]}',
    "/a~1b/1 must be integer and is string",
  ],
  [{ required: ["toString"] }, "{}", 'The value lacks the property "toString"'],
  [
    { properties: { constructor: { type: "null" } } },
    '{"constructor":1}',
    "/constructor must be null and is integer",
  ],
  [
    JSON.parse('{"properties":{"__proto__":{"type":"null"}}}'),
    '{"__proto__":1}',
    "/__proto__ must be null and is integer",
  ],
  [{ additionalProperties: false, properties: { a: true } }, '{"b":1}', "/b is not allowed"],
  [{ propertyNames: { maxLength: 1 } }, '{"ab":1}', "/ab has 2 characters; the most are 1"],
  [{ minLength: 2 }, '"😀"', "The value has 1 characters; the fewest are 2"],
  [{ pattern: "^a" }, '"b"', "The value does not match ^a"],
  [{ format: "date" }, '"2023-02-29"', "The value is no date"],
  [{ multipleOf: 0.01 }, "0.075", "bounds or steps"],
  [{ exclusiveMaximum: 3 }, "3", "bounds or steps"],
  [{ uniqueItems: true }, '[{"a":1,"b":2},{"b":2,"a":1}]', "the same element twice"],
  [{ minItems: 2 }, "[1]", "has 1 elements; the fewest are 2"],
  [{ maxProperties: 0 }, '{"a":1}', "has 1 properties; the most are 0"],
  [{ enum: [{ a: 1 }, 2] }, '{"a":2}', "none of the values"],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, "1", "must be string and is integer"],
  [{ oneOf: [{ type: "integer" }, { minimum: 0 }] }, "1", "matches 2 schemas of oneOf"],
  [{ $defs: { n: { minimum: 2 } }, $ref: "#/$defs/n" }, "1", "bounds or steps"],
  [{ $ref: "#" }, "1", "cannot be decided on"],
])("%j: %s", (schema, text, problem) => {
  expect(instanceProblem(schema, text)).toContain(problem);
});

test.each([
  ["date", "2024-02-29", "2023-02-29"],
  ["time", "12:00:00Z", "25:00:00Z"],
  ["date-time", "2024-02-29T12:00:00+01:00", "2024-02-29"],
  ["duration", "P1DT2H", "P"],
  ["uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"],
  ["email", "ada@example.org", "ada"],
  ["hostname", "example.org", "-a"],
  ["ipv4", "127.0.0.1", "127.0.0.256"],
  ["ipv6", "::1", ":1"],
  ["uri", "mailto:ada@example.org", "a b"],
  ["uri-reference", "../a", "a b"],
  ["json-pointer", "/a~0", "a"],
])("the format %s", (format, good, bad) => {
  expect(instanceProblem({ format }, JSON.stringify(good))).toBeNull();
  expect(instanceProblem({ format }, JSON.stringify(bad))).toContain(`is no ${format}`);
});

describe("hostile pairs of schema and text", () => {
  /** Every level may be read in two ways, and only its end tells which. */
  const twoWays: JsonSchema = {
    anyOf: [1, 2].map((kind) => ({
      type: "object",
      properties: { inner: { anyOf: [{ $ref: "#" }, { type: "null" }] }, kind: { const: kind } },
      required: ["inner", "kind"],
    })),
  };
  const nested = (depth: number, last: string): string =>
    `${'{"inner":'.repeat(depth)}${last}${',"kind":2}'.repeat(depth)}`;

  test.each([
    ["valid", "null", null],
    ["invalid", "3", "must be object"],
  ])("%s: what a compiled validator needs years for takes milliseconds", (_, last, problem) => {
    const started = performance.now();
    const found = instanceProblem(twoWays, nested(200, last));
    if (problem === null) expect(found).toBeNull();
    else expect(found).toContain(problem);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test("patterns", () => {
    expect(instanceProblem({ pattern: "^(a+)+$" }, JSON.stringify(`${"a".repeat(5000)}b`))).toContain(
      "does not match",
    );
  });

  test("depth", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    expect(instanceProblem({ items: { $ref: "#" } }, deep)).toBe("It is nested too deeply to be checked.");
  });
});
