import type { JsonSchema } from "../engine.ts";
import { InstanceCheck } from "./schema/instance-check.ts";
import { SchemaSource } from "./schema/schema-source.ts";

/**
 * Why a text is no valid instance of a schema that `schemaRule` took; null: it is one. The message names the
 * place in the instance, as a JSON pointer, and what was expected there. It takes time in proportion to schema and
 * text, whatever they are.
 * Errors: InvalidRequest when the schema holds what `schemaRule` would have refused.
 */
export function instanceProblem(schema: JsonSchema, text: string): string | null {
  let instance: unknown;
  try {
    instance = JSON.parse(text);
  } catch (error) {
    return `It is no JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
  try {
    const problem = new InstanceCheck(sourceOf(schema)).problem({ schema, field: "schema" }, instance);
    return problem === null ? null : `${problem.at === "" ? "The value" : problem.at} ${problem.message}.`;
  } catch (error) {
    if (error instanceof RangeError) return "It is nested too deeply to be checked.";
    throw error;
  }
}

const sources = new WeakMap<object, SchemaSource>();

function sourceOf(schema: JsonSchema): SchemaSource {
  if (typeof schema === "boolean") return new SchemaSource(schema, "schema");
  const source = sources.get(schema) ?? new SchemaSource(schema, "schema");
  sources.set(schema, source);
  return source;
}
