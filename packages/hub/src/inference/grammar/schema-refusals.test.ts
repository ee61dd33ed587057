import { expect, test } from "vitest";
import type { JsonSchema } from "../engine.ts";
import { InvalidRequest } from "../errors.ts";
import { field, gbnfOf } from "./tests/oracle.ts";

function refusal(schema: unknown): InvalidRequest {
  try {
    gbnfOf(schema as JsonSchema);
  } catch (error) {
    if (error instanceof InvalidRequest) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(schema).slice(0, 200)} was taken`);
}

const object = (properties: object): object => ({ type: "object", properties });

test.each<[where: string, schema: unknown]>([
  ["properties.name.not", object({ name: { not: { const: 1 } } })],
  ["if", { if: true, else: false }],
  ["patternProperties", { patternProperties: { "^a": true } }],
  ["dependentRequired", { dependentRequired: { a: ["b"] } }],
  ["items.contains", { items: { contains: true } }],
  ["unevaluatedProperties", { unevaluatedProperties: false }],
  ["$dynamicRef", { $dynamicRef: "#a" }],
  ["nullable", { type: "string", nullable: true }],
  ["minLenght", { type: "string", minLenght: 3 }],
  ["properties.a.$id", object({ a: { $id: "https://example.org/a" } })],
  ["anyOf.1.not", { anyOf: [true, { not: {} }] }],
  ["$defs.a.not", { $defs: { a: { not: {} } }, $ref: "#/$defs/a" }],
  ["$ref", { $ref: "https://example.org/schema" }],
  ["$ref", { $ref: "#/$defs/none" }],
  ["$ref", { $ref: "#/__proto__" }],
  ["$ref", { $ref: "#/$defs/constructor", $defs: {} }],
  ["$ref", { $ref: "#anchor" }],
  ["", { $ref: "#" }],
  ["", { anyOf: [{ type: "null" }, { $ref: "#" }] }],
  ["", { type: "object", properties: { a: { $ref: "#" } }, required: ["a"] }],
  ["", { type: "array", items: { $ref: "#" }, minItems: 1 }],
  ["properties.a", { type: "object", properties: { a: false }, required: ["a"] }],
  ["", { type: "string", minLength: 3, maxLength: 2 }],
  ["", { type: "integer", minimum: 1.2, maximum: 1.8 }],
  ["", { allOf: [{ type: "string" }, { type: "integer" }] }],
  ["", { type: "string", pattern: "^a$", minLength: 2 }],
  ["", { enum: ["a"], type: "integer" }],
  ["", false],
  ["type", { type: "text" }],
  ["type", { type: [] }],
  ["type", { type: null }],
  ["enum", { enum: [] }],
  ["enum", { enum: "a" }],
  ["enum", { enum: [1], const: 1 }],
  ["enum", { enum: Array.from({ length: 1001 }, (_, index) => index) }],
  ["enum", { enum: [[1, 2]], minItems: 1 }],
  ["items", { items: [{ type: "string" }] }],
  ["minItems", { minItems: -1 }],
  ["minItems", { minItems: 1e6 }],
  ["maxLength", { maxLength: 1.5 }],
  ["minLength", { minLength: 1e7 }],
  ["minimum", { minimum: "1" }],
  ["exclusiveMinimum", { minimum: 1, exclusiveMinimum: true }],
  ["multipleOf", { multipleOf: 0 }],
  ["multipleOf", { type: "number", multipleOf: 0.3 }],
  ["multipleOf", { type: "integer", multipleOf: 1009 }],
  ["properties", { properties: [] }],
  ["properties.a", { properties: { a: 1 } }],
  ["properties.a.type", object({ a: { type: 1 } })],
  ["required.0", { required: [1] }],
  ["anyOf", { anyOf: [] }],
  ["anyOf.0", { anyOf: [null] }],
  ["pattern", { type: "string", pattern: "(?=a)" }],
  ["pattern", { type: "string", pattern: "(" }],
  ["pattern", { type: "string", pattern: "(a|b)*a(a|b){12}" }],
  ["pattern", { type: "string", pattern: "((a{2000}){2000}){2000}" }],
  ["format", { type: "string", format: "regex" }],
  ["format", { type: "string", format: "__proto__" }],
  ["uniqueItems", { type: "array", items: { type: "string" }, uniqueItems: true }],
  ["propertyNames", { propertyNames: { pattern: "^a" } }],
  ["minProperties", { type: "object", additionalProperties: true, minProperties: 2 }],
  ["oneOf", { oneOf: [{ type: "string" }, { type: "string", maxLength: 3 }] }],
  ["oneOf", { oneOf: [{ type: "integer" }, { type: "number", minimum: 3 }] }],
  ["oneOf", { oneOf: [object({ a: { const: 1 } }), object({ a: { const: 2 } })] }],
  [
    "oneOf",
    {
      oneOf: [
        { required: ["a"], ...object({ a: { type: "string" } }) },
        { required: ["b"], ...object({ b: {} }) },
      ],
    },
  ],
])("%s of %j", (where, schema) => {
  const error = refusal(schema);
  expect(error.details).toEqual({ field: where === "" ? field : `${field}.${where}` });
  expect(error.message.startsWith(String(error.details["field"]))).toBe(true);
});

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let schema: unknown = { type: "string" };
  for (let level = 0; level < depth; level++) schema = wrap(schema);
  return schema;
}

function definitions(count: number, make: (index: number) => unknown, last: unknown): unknown {
  const entries = Array.from({ length: count }, (_, index) => [`d${index}`, make(index)]);
  return { $defs: Object.fromEntries([...entries, [`d${count}`, last]]), $ref: "#/$defs/d0" };
}

const properties = (count: number, schema: unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`property ${index}`, schema]));

/** Each is either refused or compiled; never slow, never a crash. */
test.each<[name: string, schema: unknown]>([
  ["deep objects", nested(100_000, (inner) => ({ properties: { a: inner } }))],
  ["deep examples", { examples: [nested(100_000, (inner) => [inner])] }],
  ["long texts", { examples: ["x".repeat(10_000_000)] }],
  ["many values", { examples: Array.from({ length: 1_000_000 }, () => 0) }],
  ["a chain of references", definitions(3000, (index) => ({ $ref: `#/$defs/d${index + 1}` }), true)],
  [
    "a chain of objects",
    definitions(3000, (index) => object({ a: { $ref: `#/$defs/d${index + 1}` } }), true),
  ],
  [
    "doubling alternatives",
    definitions(
      60,
      (index) => ({
        anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { allOf: [{ $ref: `#/$defs/d${index + 1}` }] }],
      }),
      { type: "null" },
    ),
  ],
  [
    "products of alternatives",
    {
      allOf: Array.from({ length: 20 }, (_, index) => ({
        anyOf: [{ required: [`a${index}`] }, { required: [`b${index}`] }],
      })),
    },
  ],
  [
    "a thousand optional properties",
    { ...object(properties(1000, { type: "string" })), additionalProperties: true, minProperties: 1 },
  ],
  ["long names", { ...object({ ["x".repeat(100_000)]: true }), additionalProperties: true }],
  [
    "many patterns",
    object(
      Object.fromEntries(
        Array.from({ length: 900 }, (_, index) => [
          `p${index}`,
          { type: "string", pattern: `^${index}.{0,900}$` },
        ]),
      ),
    ),
  ],
  [
    "huge counts",
    object({
      a: { type: "string", maxLength: Number.MAX_SAFE_INTEGER },
      b: { type: "array", maxItems: 1e15 },
      c: { type: "object", maxProperties: 1e15 },
    }),
  ],
  ["nested beginnings", { enum: Array.from({ length: 600 }, (_, index) => "a".repeat(index)) }],
  ["nested empty repetitions", { type: "string", pattern: "((((){2000}){2000}){2000}){2000}" }],
  [
    "growing conjunctions",
    definitions(
      12,
      (index) =>
        object({
          a: { allOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${(index * 7) % 12}` }] },
        }),
      { type: "object" },
    ),
  ],
  [
    "many exclusive alternatives",
    {
      oneOf: Array.from({ length: 500 }, (_, index) => ({
        required: ["k"],
        ...object({ k: { const: index } }),
      })),
    },
  ],
  [
    "infinite bounds",
    JSON.parse('{"type":"number","minimum":-1e308,"maximum":1e308,"exclusiveMaximum":1e-300}'),
  ],
  ["numbers that are none", JSON.parse('{"enum":[1e999]}')],
])("hostile: %s", (_, schema) => {
  const started = performance.now();
  try {
    expect(gbnfOf(schema as JsonSchema).length).toBeLessThan(5_000_000);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequest);
  }
  expect(performance.now() - started).toBeLessThan(60_000);
});
