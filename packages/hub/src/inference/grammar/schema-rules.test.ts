import { describe, expect, test } from "vitest";
import type { JsonSchema } from "../engine.ts";
import { ajvValidator, drawing, grammarOf } from "./tests/oracle.ts";

/** A schema, texts that its grammar must hold, and texts that it must not. */
type Case = readonly [schema: JsonSchema, good: readonly string[], bad: readonly string[]];

const longText = JSON.stringify("x".repeat(3000));

const cases: Readonly<Record<string, readonly Case[]>> = {
  type: [
    [{ type: "string" }, ['""', '"a"'], ["1", "null"]],
    [{ type: ["integer", "null"] }, ["1", "-7", "null"], ["1.5", '"1"', "true"]],
    [{ type: "boolean" }, ["true", "false"], ["null", "0"]],
    [{ type: ["number", "integer"] }, ["1.5", "1"], ["null"]],
    [{}, ["1", "{}", '[[], "a"]'], ["", "1 2"]],
    [true, ["null"], [""]],
    [{ minLength: 2 }, ['"ab"'], ['"a"', "1"]],
  ],
  "enum and const": [
    [
      { enum: ["red", "green", "greenish", 1, null, { a: [1] }] },
      ['"red"', '"greenish"', "1", "null", '{"a":[1]}'],
      ['"gree"', '"re"', "2", "{}"],
    ],
    [{ const: null }, ["null"], ["0"]],
    [{ const: 'a"\\\n😀' }, [String.raw`"a\"\\\n😀"`], ['"a"']],
    [{ enum: ["a", 1, true, null], type: ["string", "null"] }, ['"a"', "null"], ["1", "true"]],
    [{ enum: ["a", "bcd", "xyz"], minLength: 2, pattern: "^[a-m]" }, ['"bcd"'], ['"a"', '"xyz"']],
    [{ enum: [1, 2, 3, 4.5, 6], multipleOf: 2, minimum: 2 }, ["2", "6"], ["1", "4.5", "3"]],
    [{ allOf: [{ enum: [1, 2, 3] }, { enum: [3, 2, 5] }] }, ["2", "3"], ["1", "5"]],
  ],
  "properties, required, additionalProperties": [
    [
      {
        type: "object",
        properties: { a: { type: "integer" }, b: { type: "string" }, c: { type: "null" } },
        required: ["b"],
      },
      ['{"b":""}', '{"a":1,"b":"","c":null}', '{"b":"","c":null}', '{\n  "a": 1,\n  "b": "x"\n}'],
      ["{}", '{"a":1}', '{"b":"","a":1}', '{"b":"","d":1}', '{"b":"","b":""}', '{"b":"",}', '{,"b":""}'],
    ],
    [{ type: "object", properties: {} }, ["{}", "{ }"], ['{"a":1}']],
    [{ type: "object" }, ["{}", '{"a":{"b":[]}}'], ["[]"]],
    [{ type: "object", additionalProperties: { type: "integer" } }, ["{}", '{"a":1,"b":2}'], ['{"a":"1"}']],
    [{ type: "object", additionalProperties: false }, ["{}"], ['{"a":1}']],
    [
      {
        type: "object",
        properties: { a: { type: "integer" }, ab: { type: "string" } },
        additionalProperties: { type: "null" },
      },
      ['{"a":1,"ab":"","abc":null,"":null,"x":null}', '{"abc":null}', "{}"],
      ['{"a":null}', '{"ab":null}', '{"\\u0061":null}', '{"x":1}', '{"x":null,"a":1}'],
    ],
    [{ type: "object", required: ["b"] }, ['{"b":1}', '{"b":{},"c":2}'], ["{}", '{"c":2}']],
    [{ type: "object", properties: { a: false, b: true } }, ["{}", '{"b":1}'], ['{"a":1}']],
    [
      { type: "object", properties: { "": { type: "null" }, 'q"\n': { type: "null" } } },
      [String.raw`{"":null,"q\"\n":null}`],
      ['{"q":null}'],
    ],
  ],
  "minProperties, maxProperties, propertyNames": [
    [
      { type: "object", properties: { a: true, b: true, c: true }, minProperties: 2 },
      ['{"a":1,"c":1}', '{"a":1,"b":1,"c":1}'],
      ["{}", '{"b":1}'],
    ],
    [
      { type: "object", properties: { a: true, b: true, c: true }, required: ["c"], maxProperties: 2 },
      ['{"c":1}', '{"b":1,"c":1}'],
      ['{"a":1,"b":1}', '{"a":1,"b":1,"c":1}'],
    ],
    [
      { type: "object", additionalProperties: { type: "null" }, minProperties: 1, maxProperties: 2 },
      ['{"a":null}', '{"a":null,"b":null}'],
      ["{}", '{"a":null,"b":null,"c":null}'],
    ],
    [
      { type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "null" } },
      ['{"x":null}'],
      ['{"x":1}'],
    ],
    [
      { type: "object", propertyNames: { enum: ["a", "b"] }, additionalProperties: { type: "null" } },
      ["{}", '{"a":null,"b":null}'],
      ['{"c":null}', '{"a":1}'],
    ],
  ],
  "items, prefixItems, minItems, maxItems, uniqueItems": [
    [
      { type: "array", items: { type: "integer" } },
      ["[]", "[1]", "[1, 2,3]", "[\n  1,\n  2\n]"],
      ['["a"]', "[1,]", "[,1]"],
    ],
    [
      { type: "array", items: { type: "null" }, minItems: 2, maxItems: 3 },
      ["[null,null]", "[null,null,null]"],
      ["[]", "[null]", "[null,null,null,null]"],
    ],
    [
      {
        type: "array",
        prefixItems: [{ type: "string" }, { type: "null" }],
        items: { type: "integer" },
        minItems: 1,
        maxItems: 4,
      },
      ['["a"]', '["a",null]', '["a",null,1,2]'],
      ["[]", "[null]", '["a",1]', '["a",null,1,2,3]'],
    ],
    [
      { type: "array", prefixItems: [{ const: 1 }, { const: 2 }], items: false },
      ["[]", "[1]", "[1,2]"],
      ["[1,2,3]", "[2]"],
    ],
    [{ type: "array", maxItems: 0 }, ["[]", "[ ]"], ["[1]"]],
    [
      { type: "array", items: { enum: ["a", "b", "c"] }, uniqueItems: true, minItems: 1, maxItems: 2 },
      ['["a"]', '["a","c"]', '["b","c"]'],
      ["[]", '["a","a"]', '["a","b","c"]'],
    ],
    [{ type: "array", items: { type: "string" }, uniqueItems: false }, ['["a","a"]'], ["[1]"]],
    [
      { type: "array", items: { type: "string" }, uniqueItems: true, maxItems: 1 },
      ["[]", '["a"]'],
      ['["a","b"]'],
    ],
  ],
  "minLength, maxLength, pattern": [
    [
      { type: "string", minLength: 2, maxLength: 3 },
      ['"ab"', '"😀é\\n"', '"\\ud83d\\ude00a"'],
      ['"a"', '"abcd"', '"\\ud83d\\ude00"'],
    ],
    [{ type: "string", maxLength: 3000 }, ['""', longText], [longText.replace("x", "xx")]],
    [
      { type: "string", minLength: 3000 },
      [longText, longText.replace("x", "xx")],
      ['""', longText.replace("xx", "x")],
    ],
    [
      { type: "string", pattern: "^[a-z]+-\\d{2,3}$" },
      ['"ab-12"', '"x-123"'],
      ['"ab-1"', '"ab-12x"', '"-12"'],
    ],
    [{ type: "string", pattern: "b" }, ['"b"', '"abc"', '"\\nb\\""'], ['"a"', '""']],
    [{ type: "string", pattern: "^a|z$" }, ['"ab"', '"bz"'], ['"ba"', '"zb"']],
    [{ type: "string", pattern: "^.$", minLength: 1 }, ['"😀"', '"\\""'], ['"\\n"', '"ab"', '""']],
    [{ type: "string", pattern: "^x*$", minLength: 1, maxLength: 2 }, ['"x"', '"xx"'], ['""', '"xxx"']],
    [
      { allOf: [{ type: "string", pattern: "^a" }, { pattern: "b$" }] },
      ['"ab"', '"axb"'],
      ['"a"', '"b"', '"ba"'],
    ],
  ],
  format: [
    [
      { type: "string", format: "date" },
      ['"2024-02-29"', '"1999-12-31"'],
      ['"2023-02-29"', '"1900-02-29"', '"2024-13-01"', '"2024-04-31"', '"24-01-01"'],
    ],
    [
      { type: "string", format: "time" },
      ['"23:59:59Z"', '"00:00:00.123+02:00"'],
      ['"24:00:00Z"', '"12:00:00"'],
    ],
    [
      { type: "string", format: "date-time" },
      ['"2024-02-29T12:30:00Z"'],
      ['"2024-02-29"', '"2024-02-29 12:30:00Z"'],
    ],
    [
      { type: "string", format: "duration" },
      ['"P1Y2M3DT4H5M6S"', '"PT1S"', '"P2W"'],
      ['"P"', '"PT"', '"1Y"', '"P1YT"'],
    ],
    [
      { type: "string", format: "uuid" },
      ['"123e4567-e89b-12d3-a456-426614174000"'],
      ['"123e4567"', '"123e4567-e89b-12d3-a456-42661417400g"'],
    ],
    [
      { type: "string", format: "email" },
      ['"ada.lovelace+x@mail.example.org"'],
      ['"ada"', '"@example.org"', '"a@b"', '"a b@c.de"'],
    ],
    [{ type: "string", format: "email", maxLength: 12 }, ['"ada@a.org"'], ['"adaadaada@a.org"']],
    [{ type: "string", format: "hostname" }, ['"a-b.example"', '"localhost"'], ['"-a"', '"a..b"', '""']],
    [{ type: "string", format: "ipv4" }, ['"192.168.0.255"'], ['"256.1.1.1"', '"1.2.3"', '"01.2.3.4"']],
    [
      { type: "string", format: "ipv6" },
      ['"::"', '"::1"', '"2001:db8::ff00:42:8329"', '"1:2:3:4:5:6:7:8"', '"1::"', '"1:2:3:4:5:6:7::"'],
      ['":"', '"1::2::3"', '"1:2:3:4:5:6:7:8:9"', '"1:2:3:4:5:6:7"'],
    ],
    [
      { type: "string", format: "uri" },
      ['"https://example.org:8080/a/b%20c?q=1&r=/#top"'],
      ['"example.org"', '"https://a b"'],
    ],
    [
      { type: "string", format: "uri", minLength: 1, maxLength: 2083 },
      ['"https://example.org/a/b?q=1"'],
      ['"ftp:"'],
    ],
    [{ type: "string", format: "json-pointer" }, ['""', '"/a/~0~1"'], ['"a"', '"/~2"']],
    [{ type: "string", format: "ulid-of-ours", pattern: "^[0-7]{3}$" }, ['"012"'], ['"018"', '"01"']],
    [{ type: "integer", format: "int32" }, ["2147483647", "-2147483648"], ["2147483648"]],
  ],
  "minimum, maximum, exclusive ones, multipleOf": [
    [
      { type: "integer", minimum: -12, maximum: 130 },
      ["-12", "-1", "0", "9", "99", "130"],
      ["-13", "131", "1.0", "01", "-0"],
    ],
    [{ type: "integer", exclusiveMinimum: 0 }, ["1", "9999"], ["0", "-1"]],
    [{ type: "integer", exclusiveMaximum: -98 }, ["-99", "-100"], ["-98", "0"]],
    [{ type: "integer", minimum: 1.5, maximum: 2.5 }, ["2"], ["1", "3"]],
    [{ type: "number", minimum: 0, maximum: 1 }, ["0", "1", "0.5", "1.0", "0.0001"], ["1.01", "-0.1", "2"]],
    [
      { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
      ["0.5", "0.0000000001"],
      ["0", "1", "0.0"],
    ],
    [
      { type: "number", minimum: -1.25, maximum: 12.5 },
      ["-1.25", "-1.2", "-1", "0", "12.5", "12.49"],
      ["-1.26", "-1.3", "12.51", "13"],
    ],
    [{ type: "number", minimum: 3 }, ["3", "3.5", "1000"], ["2.9", "0"]],
    [{ type: "integer", multipleOf: 7 }, ["0", "7", "-14", "70", "777777"], ["1", "-8"]],
    [{ type: "integer", multipleOf: 5, minimum: 7, maximum: 20 }, ["10", "15", "20"], ["5", "25", "7"]],
    [{ type: "integer", multipleOf: 1.5, minimum: 0, maximum: 10 }, ["0", "3", "9"], ["1", "2"]],
    [{ type: "number", multipleOf: 0.01, minimum: 0 }, ["0", "0.07", "19.99", "5.1"], ["0.001", "-1"]],
    [
      { type: "number", multipleOf: 0.25, minimum: 0, maximum: 1 },
      ["0", "0.25", "0.5", "1"],
      ["0.1", "1.25"],
    ],
    [{ allOf: [{ type: "integer", multipleOf: 4 }, { multipleOf: 6 }] }, ["12", "24"], ["4", "6"]],
  ],
  "anyOf, oneOf, allOf": [
    [{ anyOf: [{ type: "string" }, { type: "integer" }] }, ['"a"', "1"], ["null", "1.5"]],
    [{ oneOf: [{ type: "string" }, { type: "null" }] }, ['"a"', "null"], ["1"]],
    [
      {
        oneOf: [
          { type: "integer", maximum: 0 },
          { type: "integer", minimum: 1 },
        ],
      },
      ["0", "1", "-5"],
      ['"a"'],
    ],
    [
      {
        oneOf: [
          {
            type: "object",
            properties: { kind: { const: "a" }, x: { type: "integer" } },
            required: ["kind", "x"],
          },
          { type: "object", properties: { kind: { const: "b" } }, required: ["kind"] },
        ],
      },
      ['{"kind":"a","x":1}', '{"kind":"b"}'],
      ['{"kind":"a"}', '{"kind":"b","x":1}', '{"kind":"c"}'],
    ],
    [
      {
        type: "object",
        properties: { a: { type: "integer" }, b: { type: "integer" } },
        anyOf: [{ required: ["a"] }, { required: ["b"] }],
      },
      ['{"a":1}', '{"b":1}', '{"a":1,"b":2}'],
      ["{}"],
    ],
    [
      {
        allOf: [
          { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
          { properties: { b: { type: "string" }, a: { minimum: 5 } } },
        ],
      },
      ['{"a":5}', '{"a":6,"b":""}'],
      ['{"a":4}', '{"b":""}'],
    ],
    [
      {
        allOf: [
          { type: "object", properties: { a: {} }, additionalProperties: false },
          { properties: { b: {} } },
        ],
      },
      ["{}", '{"a":1}'],
      ['{"b":1}', '{"a":1,"b":1}'],
    ],
    [{ anyOf: [{ type: "string", maxLength: 3 }, false, { enum: [1] }] }, ['"abc"', "1"], ['"abcd"', "2"]],
  ],
  "$ref and $defs": [
    [
      {
        $defs: {
          list: {
            type: "object",
            properties: {
              value: { type: "integer" },
              next: { anyOf: [{ $ref: "#/$defs/list" }, { type: "null" }] },
            },
            required: ["value", "next"],
          },
        },
        $ref: "#/$defs/list",
      },
      ['{"value":1,"next":null}', '{"value":1,"next":{"value":2,"next":null}}'],
      ['{"value":1}', '{"value":1,"next":{}}'],
    ],
    [{ type: "array", items: { $ref: "#" } }, ["[]", "[[],[[]]]"], ["[1]"]],
    [{ $defs: { "a/b~c %": { type: "null" } }, $ref: "#/$defs/a~1b~0c%20%25" }, ["null"], ["1"]],
    [
      {
        definitions: { n: { type: "integer" } },
        type: "object",
        properties: { x: { $ref: "#/definitions/n", minimum: 3 } },
      },
      ['{"x":3}'],
      ['{"x":2}'],
    ],
    [
      {
        $defs: { tree: { type: "object", properties: { child: { $ref: "#/$defs/tree" } } } },
        $ref: "#/$defs/tree",
      },
      ["{}", '{"child":{"child":{}}}'],
      ['{"child":1}'],
    ],
    [
      {
        $defs: { never: { type: "object", properties: { x: { $ref: "#/$defs/never" } }, required: ["x"] } },
        type: "object",
        properties: { a: { $ref: "#/$defs/never" }, b: { type: "null" } },
      },
      ["{}", '{"b":null}'],
      ['{"a":{}}', '{"a":1}'],
    ],
  ],
  annotations: [
    [
      {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        $id: "https://example.org/x",
        title: "t",
        description: "d",
        default: 1,
        examples: [2],
        $comment: "c",
        deprecated: true,
        readOnly: true,
        writeOnly: false,
        "x-order": 3,
        type: "integer",
      },
      ["1"],
      ['"a"'],
    ],
  ],
};

for (const [keyword, list] of Object.entries(cases)) {
  describe(keyword, () => {
    test.each(list)("%j", (schema, good, bad) => {
      const grammar = grammarOf(schema);
      expect(good.filter((text) => !grammar.accepts(text))).toEqual([]);
      expect(bad.filter((text) => grammar.accepts(text))).toEqual([]);
      const problem = ajvValidator(schema);
      for (const text of good) expect(problem(text), text).toBeNull();
      for (let seed = 0; seed < 60; seed++) {
        const text = grammar.text(drawing(seed), 80);
        expect(problem(text), text).toBeNull();
      }
    });
  });
}

test("names that objects inherit are names like any other", () => {
  const schema: unknown = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"integer"},"constructor":{"type":"null"}},"required":["__proto__","toString"],"additionalProperties":{"type":"string"}}',
  );
  const grammar = grammarOf(schema as JsonSchema);
  expect(grammar.accepts('{"__proto__":1,"toString":"a"}')).toBe(true);
  expect(grammar.accepts('{"__proto__":1,"constructor":null,"toString":"a","valueOf":"b"}')).toBe(true);
  expect(grammar.accepts('{"toString":"a"}')).toBe(false);
  expect(grammar.accepts('{"__proto__":{},"toString":"a"}')).toBe(false);
});
