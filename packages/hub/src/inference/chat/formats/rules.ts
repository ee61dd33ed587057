import type { JsonSchema } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import { Grammar, literal } from "../../grammar/grammar.ts";
import { jsonObjectRule } from "../../grammar/json-rules.ts";
import { schemaRule } from "../../grammar/schema-rules.ts";
import type { GrammarTool } from "../call-syntax.ts";

export function alternatives(expressions: readonly string[]): string {
  return expressions.join(" | ");
}

export function oneOrMore(expression: string, separator: string): string {
  return `${expression} (${separator} ${expression})*`;
}

/** `{"name": …, "arguments": …}` for one of the tools. */
export function jsonCallRule(grammar: Grammar, tools: readonly GrammarTool[], argumentsKey: string): string {
  const calls = tools.map((tool) => {
    const head = literal(`{"name": ${JSON.stringify(tool.tool.name)}, "${argumentsKey}": `);
    return `${head} ${argumentsRule(grammar, tool)} "}"`;
  });
  return grammar.add("call", alternatives(calls));
}

/** The arguments of a tool: an object after its schema, where {@link ruleOfSchema} has a rule for it. */
export function argumentsRule(grammar: Grammar, { tool, field }: GrammarTool): string {
  const { parameters, strict } = tool;
  if (parameters === null || typeof parameters === "boolean") return jsonObjectRule(grammar);
  const schema = parameters["type"] === undefined ? { ...parameters, type: "object" } : parameters;
  return ruleOfSchema(grammar, schema, field, strict) ?? jsonObjectRule(grammar);
}

/**
 * The name of a rule for values of a schema. A schema that a grammar cannot carry is refused when it is `strict`;
 * otherwise there is no rule for it: null.
 */
export function ruleOfSchema(
  grammar: Grammar,
  schema: JsonSchema,
  field: string,
  strict: boolean,
): string | null {
  if (!strict && !isCarried(schema, field)) return null;
  return schemaRule(grammar, schema, field);
}

/** Tried on a grammar of its own, because half of the rules may be there when the refusal comes. */
function isCarried(schema: JsonSchema, field: string): boolean {
  try {
    schemaRule(new Grammar(), schema, field);
    return true;
  } catch (error) {
    if (error instanceof InvalidRequest) return false;
    throw error;
  }
}
