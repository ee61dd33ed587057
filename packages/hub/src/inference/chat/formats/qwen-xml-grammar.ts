import type { JsonSchema, Tool } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import { throughFirst } from "../../grammar/free-text.ts";
import type { Grammar } from "../../grammar/grammar.ts";
import { literal } from "../../grammar/grammar.ts";
import type { GrammarTool } from "../call-syntax.ts";
import { ruleOfSchema } from "./rules.ts";
import { onlyText, propertySchema } from "./written-values.ts";

const parameterClosing = "</parameter>";

/** What a schema can ask of a text and a grammar of texts without quotes is not made to keep. */
const textKeywords = ["pattern", "format", "minLength", "maxLength"];

/** A GBNF expression for a call of one tool in Qwen3-Coder's form: its required arguments, then those left. */
export function parametersRule(grammar: Grammar, { tool, field }: GrammarTool): string {
  const properties =
    tool.parameters === null || typeof tool.parameters === "boolean"
      ? undefined
      : tool.parameters["properties"];
  const head = literal(`<tool_call>\n<function=${tool.name}>\n`);
  const tail = literal("</function>\n</tool_call>");
  if (typeof properties !== "object" || properties === null)
    return `${head} ${anyParameter(grammar)}* ${tail}`;
  const parameters = Object.keys(properties).map((key) => {
    const parameter = parameterRule(grammar, { tool, field }, key);
    return isRequired(tool, key) ? parameter : `${parameter}?`;
  });
  return `${head} ${parameters.join(" ")} ${tail}`;
}

/** Nothing is said of the arguments. */
function anyParameter(grammar: Grammar): string {
  return grammar.shared("any-parameter", () => `"<parameter=" [A-Za-z0-9_.-]+ ">\\n" ${anyText(grammar)}`);
}

function anyText(grammar: Grammar): string {
  return `${throughFirst(grammar, parameterClosing)} "\\n"`;
}

function parameterRule(grammar: Grammar, { tool, field }: GrammarTool, key: string): string {
  const where = `${field}.properties.${key}`;
  if (/[>\n]/u.test(key))
    throw new InvalidRequest(
      `${where}: this model writes the names of arguments between "<parameter=" and ">", so a name cannot hold ">" or a line break. Rename it.`,
      { field: where },
    );
  const schema = propertySchema(tool, key);
  return grammar.add(
    "parameter",
    `${literal(`<parameter=${key}>\n`)} ${valueRule(grammar, tool, schema, where)}`,
  );
}

function valueRule(grammar: Grammar, tool: Tool, schema: JsonSchema | undefined, where: string): string {
  if (onlyText(schema) && typeof schema === "object") return textRule(grammar, tool, schema, where);
  const whole = withDefinitions(tool, schema ?? true);
  const rule = ruleOfSchema(grammar, whole, where, tool.strict);
  return rule === null ? anyText(grammar) : `${rule} ${literal(`\n${parameterClosing}\n`)}`;
}

/** Texts stand without quotes. */
function textRule(
  grammar: Grammar,
  { strict }: Tool,
  schema: Exclude<JsonSchema, boolean>,
  where: string,
): string {
  const values = schema["const"] === undefined ? schema["enum"] : [schema["const"]];
  if (Array.isArray(values)) {
    const texts = values.map((value) => literal(String(value))).join(" | ");
    return `(${texts}) ${literal(`\n${parameterClosing}\n`)}`;
  }
  const keyword = textKeywords.find((word) => schema[word] !== undefined);
  if (strict && keyword !== undefined)
    throw new InvalidRequest(
      `${where}.${keyword} cannot be enforced: this model writes texts without quotes. Leave it out, or set strict to false.`,
      { field: `${where}.${keyword}` },
    );
  return anyText(grammar);
}

function isRequired({ parameters }: Tool, key: string): boolean {
  const required = typeof parameters === "object" && parameters !== null ? parameters["required"] : undefined;
  return Array.isArray(required) && required.includes(key);
}

/** References point into the whole schema of the tool. */
function withDefinitions({ parameters }: Tool, schema: JsonSchema): JsonSchema {
  if (typeof parameters !== "object" || parameters === null || typeof schema === "boolean") return schema;
  const definitions = Object.fromEntries(
    ["$defs", "definitions"]
      .filter((key) => Object.hasOwn(parameters, key))
      .map((key) => [key, parameters[key]]),
  );
  return { ...definitions, ...schema };
}
