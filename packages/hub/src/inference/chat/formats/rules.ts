import type { Grammar } from "../../grammar/grammar.ts";
import { literal } from "../../grammar/grammar.ts";
import { jsonObjectRule } from "../../grammar/json-rules.ts";
import type { GrammarTool } from "../call-syntax.ts";
import { ruleOfSchema } from "./schema-rules.ts";

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
