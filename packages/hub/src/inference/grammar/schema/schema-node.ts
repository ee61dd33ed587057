import { z } from "zod";
import type { JsonSchema } from "../../engine.ts";
import { refuse } from "./refusal.ts";

/** A schema inside of another, and where it stands. */
export interface Subschema {
  schema: JsonSchema;
  field: string;
}

export const jsonTypes = ["null", "boolean", "integer", "number", "string", "array", "object"] as const;

export type JsonType = (typeof jsonTypes)[number];

/** What a schema object asks for by itself; a keyword that it does not have is undefined. */
export interface SchemaNode {
  /** Equal for the same object. */
  id: number;
  field: string;
  /** Does it ask for anything by itself, besides what its references and lists of schemas do? */
  asks: boolean;
  type: ReadonlySet<JsonType> | undefined;
  /** `enum` or `const`. */
  values: readonly unknown[] | undefined;
  text: { minLength: number | undefined; maxLength: number | undefined; pattern: string | undefined };
  format: string | undefined;
  number: {
    minimum: number | undefined;
    maximum: number | undefined;
    exclusiveMinimum: number | undefined;
    exclusiveMaximum: number | undefined;
    multipleOf: number | undefined;
  };
  array: {
    prefixItems: readonly Subschema[] | undefined;
    items: Subschema | undefined;
    minItems: number | undefined;
    maxItems: number | undefined;
    uniqueItems: boolean | undefined;
  };
  object: {
    properties: ReadonlyMap<string, Subschema> | undefined;
    required: readonly string[] | undefined;
    additionalProperties: Subschema | undefined;
    propertyNames: Subschema | undefined;
    minProperties: number | undefined;
    maxProperties: number | undefined;
  };
  reference: string | undefined;
  allOf: readonly Subschema[];
  anyOf: readonly Subschema[] | undefined;
  oneOf: readonly Subschema[] | undefined;
}

/** They say nothing about which values are valid (JSON Schema Core 8.2.4, 8.3; Validation 8 and 9). */
const annotations: ReadonlySet<string> = new Set([
  "$schema",
  "$comment",
  "$defs",
  "definitions",
  "$anchor",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "contentEncoding",
  "contentMediaType",
  "contentSchema",
]);

/** What to write in the place of keywords that no grammar carries. */
const advice: ReadonlyMap<string, string> = new Map([
  ["not", "say what is allowed, for example with enum or with fewer types"],
  ["if", "write the cases as anyOf"],
  ["then", "write the cases as anyOf"],
  ["else", "write the cases as anyOf"],
  ["nullable", 'add "null" to the list in type'],
  ["dependentRequired", "write the cases as anyOf"],
  ["dependentSchemas", "write the cases as anyOf"],
  ["dependencies", "write the cases as anyOf"],
  ["patternProperties", "list the names in properties, or use additionalProperties"],
  ["unevaluatedProperties", "use additionalProperties"],
  ["unevaluatedItems", "use items with prefixItems"],
  ["additionalItems", "use items with prefixItems (draft 2020-12)"],
  ["contains", "say with items what every element may be"],
  ["minContains", "use minItems"],
  ["maxContains", "use maxItems"],
  ["$dynamicRef", "use $ref"],
  ["$recursiveRef", "use $ref"],
  ["id", "use $id, at the root"],
]);

const subschema = z.custom<JsonSchema>(
  (value) => typeof value === "boolean" || isObject(value),
  "must be a JSON Schema: an object, true or false",
);
const several = z
  .array(subschema)
  .min(1, "must name at least one schema")
  .max(500, "may name at most 500 schemas");
const count = z.int().nonnegative();
const finite = z.number();

const longestName = 1000;

const keywords = z.object({
  type: z.union([z.enum(jsonTypes), z.array(z.enum(jsonTypes)).min(1)], {
    error: `must be one of ${jsonTypes.join(", ")}, or a list of them`,
  }),
  enum: z.array(z.unknown()).min(1, "must hold at least one value").max(1000, "may hold at most 1000 values"),
  const: z.unknown(),
  minLength: count,
  maxLength: count,
  pattern: z.string(),
  format: z.string(),
  minimum: finite,
  maximum: finite,
  exclusiveMinimum: finite,
  exclusiveMaximum: finite,
  multipleOf: z.number().positive(),
  prefixItems: several,
  items: z.custom<JsonSchema>(
    (value) => typeof value === "boolean" || isObject(value),
    "must be one JSON Schema; a list of schemas is called prefixItems in draft 2020-12",
  ),
  minItems: count,
  maxItems: count,
  uniqueItems: z.boolean(),
  properties: z.custom<Readonly<Record<string, unknown>>>(isObject, "must be an object of JSON Schemas"),
  required: z.array(z.string().max(longestName)).max(1000, "may name at most 1000 properties"),
  additionalProperties: subschema,
  propertyNames: subschema,
  minProperties: count,
  maxProperties: count,
  $ref: z.string(),
  $id: z.string(),
  allOf: several,
  anyOf: several,
  oneOf: several,
});

const optionalKeywords = keywords.partial();

/** Keywords that lead to other schemas in the same place. */
const leading: ReadonlySet<string> = new Set(["$ref", "$id", "allOf", "anyOf", "oneOf"]);

const mostProperties = 1000;

/**
 * Reads one schema object, without what is below it.
 * Errors: InvalidRequest for a keyword that a grammar cannot carry, and for one whose value is wrong.
 */
export function readNode(
  schema: Exclude<JsonSchema, boolean>,
  field: string,
  id: number,
  root: boolean,
): SchemaNode {
  for (const keyword of Object.keys(schema)) checkKeyword(keyword, field, root);
  const parsed = optionalKeywords.safeParse(schema);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    refuse(
      [field, ...(issue?.path ?? [])].map(String).join("."),
      `is wrong: ${issue?.message ?? "it cannot be read"}.`,
    );
  }
  const read = parsed.data;
  const inside =
    (keyword: string) =>
    (inner: JsonSchema | undefined): Subschema | undefined =>
      inner === undefined ? undefined : { schema: inner, field: `${field}.${keyword}` };
  const list = (keyword: string, schemas: readonly JsonSchema[] | undefined): Subschema[] | undefined =>
    schemas?.map((inner, index) => ({ schema: inner, field: `${field}.${keyword}.${index}` }));
  const { minLength, maxLength, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } =
    read;
  return {
    id,
    field,
    asks: Object.keys(schema).some(
      (keyword) => Object.hasOwn(keywords.shape, keyword) && !leading.has(keyword),
    ),
    type: read.type === undefined ? undefined : new Set([read.type].flat()),
    values: valuesOf(schema, read.enum, field),
    text: { minLength, maxLength, pattern },
    format: read.format,
    number: { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf },
    array: {
      prefixItems: list("prefixItems", read.prefixItems),
      items: inside("items")(read.items),
      minItems: read.minItems,
      maxItems: read.maxItems,
      uniqueItems: read.uniqueItems,
    },
    object: {
      properties:
        read.properties === undefined ? undefined : propertiesOf(read.properties, `${field}.properties`),
      required: read.required,
      additionalProperties: inside("additionalProperties")(read.additionalProperties),
      propertyNames: inside("propertyNames")(read.propertyNames),
      minProperties: read.minProperties,
      maxProperties: read.maxProperties,
    },
    reference: read.$ref,
    allOf: list("allOf", read.allOf) ?? [],
    anyOf: list("anyOf", read.anyOf),
    oneOf: list("oneOf", read.oneOf),
  };
}

function checkKeyword(keyword: string, field: string, root: boolean): void {
  if (annotations.has(keyword) || keyword.startsWith("x-")) return;
  if (keyword === "$id" && !root) {
    refuse(
      `${field}.$id`,
      "changes what the references below it mean. Remove it, or put it at the root of the schema.",
    );
  }
  if (Object.hasOwn(keywords.shape, keyword)) return;
  const instead = advice.get(keyword);
  refuse(
    `${field}.${keyword}`,
    instead === undefined
      ? "is no keyword of JSON Schema that can be enforced here. Remove it; what only describes belongs into description, or into a keyword that begins with x-."
      : `cannot be enforced by a grammar. Remove it, or ${instead}.`,
  );
}

/** `const` may be null or missing, which zod tells apart no better than a look. */
function valuesOf(
  schema: Exclude<JsonSchema, boolean>,
  listed: readonly unknown[] | undefined,
  field: string,
): readonly unknown[] | undefined {
  if (!Object.hasOwn(schema, "const")) return listed;
  if (listed !== undefined) refuse(`${field}.enum`, "stands beside const. Leave one of them out.");
  return [schema["const"]];
}

function propertiesOf(properties: Readonly<Record<string, unknown>>, field: string): Map<string, Subschema> {
  const entries = Object.entries(properties);
  if (entries.length > mostProperties)
    refuse(field, `has ${entries.length} properties; the most are ${mostProperties}.`);
  return new Map(
    entries.map(([name, schema]) => {
      if (name.length > longestName)
        refuse(field, `has a name of ${name.length} characters; the most are ${longestName}.`);
      const read = subschema.safeParse(schema);
      if (!read.success) refuse(`${field}.${name}`, "must be a JSON Schema: an object, true or false.");
      return [name, { schema: read.data, field: `${field}.${name}` }];
    }),
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
