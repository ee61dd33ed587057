import fc from "fast-check";
import type { JsonSchema } from "../../engine.ts";

/** A schema of what grammars carry, and values that are valid for it, their properties in its order. */
export interface SchemaAndValues {
  schema: JsonSchema;
  values: fc.Arbitrary<unknown>;
}

const name = fc.oneof(
  fc.constantFrom("a", "b", "ab", "", "__proto__", "constructor", 'q"', "\n", "ü"),
  fc.string({ maxLength: 4, unit: "grapheme" }),
);

const scalar = fc.oneof(
  fc.constant<SchemaAndValues>({ schema: { type: "null" }, values: fc.constant(null) }),
  fc.constant<SchemaAndValues>({ schema: { type: "boolean" }, values: fc.boolean() }),
  fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.nat(3000)).map(([minimum, width]): SchemaAndValues => ({
    schema: { type: "integer", minimum, maximum: minimum + width },
    values: fc.integer({ min: minimum, max: minimum + width }),
  })),
  fc
    .tuple(fc.integer({ min: -2000, max: 2000 }), fc.nat(3000), fc.nat(3))
    .map(([low, width, places]): SchemaAndValues => {
      const value = (units: number): number => Number(`${units}e-${places}`);
      return {
        schema: { type: "number", minimum: value(low), maximum: value(low + width) },
        values: fc.integer({ min: low, max: low + width }).map(value),
      };
    }),
  fc.tuple(fc.nat(4), fc.option(fc.nat(4))).map(([minLength, more]): SchemaAndValues => {
    const maxLength = minLength + (more ?? 0);
    return {
      schema: more === null ? { type: "string", minLength } : { type: "string", minLength, maxLength },
      values: fc
        .array(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), {
          minLength,
          maxLength: more === null ? minLength + 5 : maxLength,
        })
        .map((characters) => characters.join("")),
    };
  }),
  fc.array(fc.jsonValue({ maxDepth: 0 }), { minLength: 1, maxLength: 5 }).map((values): SchemaAndValues => ({
    schema: { enum: values },
    values: fc.constantFrom(...values),
  })),
  fc.constantFrom("^[a-c]{1,3}$", "x.y", "^(?:ab|c)*$").map((pattern): SchemaAndValues => ({
    schema: { type: "string", pattern },
    values: fc.stringMatching(new RegExp(pattern, "u")),
  })),
);

/** Schemas of all kinds in each other. */
export const schemaAndValues: fc.Arbitrary<SchemaAndValues> = fc.letrec<{ any: SchemaAndValues }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc
      .uniqueArray(fc.tuple(name, tie("any"), fc.boolean()), { maxLength: 5, selector: ([key]) => key })
      .map(objectOf),
    fc.tuple(tie("any"), fc.nat(2), fc.option(fc.nat(3))).map(([items, minItems, more]): SchemaAndValues => ({
      schema: {
        type: "array",
        items: items.schema,
        minItems,
        ...(more === null ? {} : { maxItems: minItems + more }),
      },
      values: fc.array(items.values, { minLength: minItems, maxLength: minItems + (more ?? 3) }),
    })),
    fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((prefix): SchemaAndValues => ({
      schema: { type: "array", prefixItems: prefix.map(({ schema }) => schema), items: false },
      values: fc.tuple(...prefix.map(({ values }) => values)),
    })),
    fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((options): SchemaAndValues => ({
      schema: { anyOf: options.map(({ schema }) => schema) },
      values: fc.oneof(...options.map(({ values }) => values)),
    })),
    fc.tuple(tie("any"), fc.boolean()).map(([inner, title]): SchemaAndValues => ({
      schema: { allOf: [title ? { title: "all" } : true, inner.schema] },
      values: inner.values,
    })),
  ),
})).any;

/** Names like array indices come first in objects of JavaScript, in the schema as in its values. */
function objectOf(members: readonly (readonly [string, SchemaAndValues, boolean])[]): SchemaAndValues {
  const ordered = Object.entries(
    Object.fromEntries(members.map(([key, inner, required]) => [key, { inner, required }])),
  );
  const values = fc.tuple(
    ...ordered.map(([key, { inner, required }]) =>
      (required ? inner.values : fc.option(inner.values, { nil: undefined })).map(
        (value) => [key, value] as const,
      ),
    ),
  );
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(ordered.map(([key, { inner }]) => [key, inner.schema])),
      required: ordered.filter(([, { required }]) => required).map(([key]) => key),
    },
    values: values.map((entries) => Object.fromEntries(entries.filter(([, value]) => value !== undefined))),
  };
}
