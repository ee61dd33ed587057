import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { JsonSchema } from "../../engine.ts";
import { Grammar } from "../grammar.ts";
import { schemaRule } from "../schema-rules.ts";
import { Gbnf } from "./gbnf.ts";

/** Where schemas of the tests stand. */
export const field = "response_format.json_schema.schema";

export function gbnfOf(schema: JsonSchema): string {
  const grammar = new Grammar();
  return grammar.toString(schemaRule(grammar, schema, field));
}

export function grammarOf(schema: JsonSchema): Gbnf {
  return new Gbnf(gbnfOf(schema));
}

/** An independent validator: gives null, or why a text is not valid. */
export function ajvValidator(schema: JsonSchema): (text: string) => string | null {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    meta: false,
    validateSchema: false,
    multipleOfPrecision: 6,
    ownProperties: true,
  });
  addFormats.default(ajv, { mode: "full" });
  const validate = ajv.compile(schema);
  return (text) => (validate(JSON.parse(text)) ? null : ajv.errorsText(validate.errors));
}

/** Numbers below n, the same for the same seed. */
export function drawing(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
