import { Ajv2020 } from "ajv/dist/2020.js";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { InvalidRequest } from "../errors.ts";
import type { JsonSchema } from "../engine.ts";
import { SearchAutomaton } from "./pattern/search-automaton.ts";
import { isMultiple } from "./schema/decimal.ts";
import { isObject } from "./schema/schema-node.ts";
import { schemaWithoutPrototypeName, withoutPrototypeName } from "./schema/prototype-name.ts";

/**
 * Why a text is no valid instance of a schema that `schemaRule` took; null: it is one. The message names the
 * place in the instance and the keyword.
 * Errors: InvalidRequest when the schema itself cannot be read.
 */
export function instanceProblem(schema: JsonSchema, text: string): string | null {
  let instance: unknown;
  try {
    instance = JSON.parse(text);
  } catch (error) {
    return `it is no JSON text: ${error instanceof Error ? error.message : String(error)}`;
  }
  const validate = validatorOf(schema);
  try {
    if (validate(withoutPrototypeName(instance))) return null;
  } catch (error) {
    // Recursive schemas are followed by recursion.
    if (error instanceof RangeError) return "it is nested too deeply to be checked";
    throw error;
  }
  return (validate.errors ?? []).map(described).join("; ") || "it is not valid";
}

const validators = new WeakMap<object, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
  const known = typeof schema === "object" ? validators.get(schema) : undefined;
  if (known !== undefined) return known;
  try {
    const validate = compiler().compile(typeof schema === "boolean" ? schema : readable(schema));
    if (typeof schema === "object") validators.set(schema, validate);
    return validate;
  } catch (error) {
    throw new InvalidRequest(
      `The JSON Schema cannot be read: ${error instanceof Error ? error.message : String(error)}. Correct it.`,
    );
  }
}

/** Without what only names the schema: references go by its root, whatever it is called. */
function readable(schema: Exclude<JsonSchema, boolean>): Record<string, unknown> {
  const { $schema: _dialect, $id: _name, ...rest } = schema;
  const renamed = schemaWithoutPrototypeName(rest);
  return isObject(renamed) ? renamed : rest;
}

/** A new one for every schema: Ajv keeps what it compiles for as long as it lives. */
function compiler(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
    // A property that objects inherit, such as `constructor`, is not there.
    ownProperties: true,
    code: { regExp: boundedSearch },
  });
  addFormats.default(ajv, { mode: "full" });
  ajv.removeKeyword("multipleOf");
  ajv.addKeyword({
    keyword: "multipleOf",
    type: "number",
    schemaType: "number",
    validate: (step: number, value: number) => isMultiple(value, step),
  });
  return ajv;
}

/** A RegExp can be made to run for years by a schema; this cannot. */
const boundedSearch = Object.assign(
  (pattern: string) => {
    const search = new SearchAutomaton(pattern);
    return { test: (text: string) => search.test(text), toString: () => `search ${JSON.stringify(pattern)}` };
  },
  { code: "boundedSearch" },
);

function described({ instancePath, message = "is not valid", params }: ErrorObject): string {
  const facts = Object.values(params).filter((fact) => typeof fact === "string" || typeof fact === "number");
  const at = instancePath === "" ? "the value" : instancePath;
  return `${at} ${message}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
}
