import type { JsonSchema } from "../../engine.ts";
import type { Grammar } from "../../grammar/grammar.ts";

/** The name of a rule for values of a schema. Null: there is none yet, and any value is allowed. */
export function ruleOfSchema(
  _grammar: Grammar,
  _schema: JsonSchema,
  _field: string,
  _strict: boolean,
): string | null {
  return null;
}
