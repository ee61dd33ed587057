import fc from "fast-check";
import { expect, test } from "vitest";
import { ajvValidator, drawing, grammarOf } from "./tests/oracle.ts";
import { schemaAndValues } from "./tests/schema-arbitrary.ts";
import { instanceProblem } from "./validate.ts";

const pairs = schemaAndValues.chain(({ schema, values }) =>
  fc.record({ schema: fc.constant(schema), value: values }),
);

/** Ajv passes over properties of these names. */
const ajvCan = (schema: unknown): boolean => !/"__proto__"|"":|""[,\]]/.test(JSON.stringify(schema));

test("every text of a schema's grammar is a valid instance", () => {
  fc.assert(
    fc.property(schemaAndValues, fc.nat(), ({ schema }, seed) => {
      const grammar = grammarOf(schema);
      const problem = ajvCan(schema) ? ajvValidator(schema) : null;
      for (let round = 0; round < 5; round++) {
        const text = grammar.text(drawing(seed + round), 60);
        expect(problem?.(text) ?? null, text).toBeNull();
        expect(instanceProblem(schema, text), text).toBeNull();
      }
    }),
    { numRuns: 300 },
  );
});

test("what JSON.stringify writes of a valid value is a text of the grammar", () => {
  fc.assert(
    fc.property(pairs, ({ schema, value }) => {
      const grammar = grammarOf(schema);
      expect(grammar.accepts(JSON.stringify(value))).toBe(true);
      expect(grammar.accepts(JSON.stringify(value, null, 2))).toBe(true);
      expect(instanceProblem(schema, JSON.stringify(value))).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test("the check of an answer agrees with an independent validator about any value", () => {
  const changed = fc.oneof(
    pairs,
    fc.record({ schema: schemaAndValues.map(({ schema }) => schema), value: fc.jsonValue({ maxDepth: 2 }) }),
  );
  fc.assert(
    fc.property(fc.array(changed, { minLength: 2, maxLength: 2 }), ([one, other]) => {
      if (one === undefined || other === undefined || !ajvCan(one.schema)) return;
      const problem = ajvValidator(one.schema);
      for (const { value } of [one, other]) {
        const text = JSON.stringify(value);
        if (text.includes("__proto__")) continue;
        expect(instanceProblem(one.schema, text) === null, text).toBe(problem(text) === null);
      }
    }),
    { numRuns: 300 },
  );
});
