import type { OutputForm, Tool, ToolChoice } from "../engine.ts";
import { InvalidRequest } from "../errors.ts";
import { anyBut, throughFirst } from "../grammar/free-text.ts";
import { Grammar, literal } from "../grammar/grammar.ts";
import { jsonObjectRule } from "../grammar/json-rules.ts";
import { schemaRule } from "../grammar/schema-rules.ts";
import type { CallSyntax, GrammarTool } from "./call-syntax.ts";
import { harmonyAnswer, harmonyStart, harmonyThoughts } from "./formats/harmony.ts";
import type { Reasoning } from "./reasoning.ts";

export interface ChatGrammarOptions {
  syntax: CallSyntax;
  /** Those that the model was told of; none with the choice `none`. */
  tools: readonly Tool[];
  choice: ToolChoice;
  /** May one answer hold several calls? */
  parallel: boolean;
  output: OutputForm;
  reasoning: Reasoning | null;
}

/**
 * The GBNF that holds an answer to what the request asks for: a call where one is required, arguments after the
 * schema of `strict` tools, one call at most, JSON as the answer. Thoughts come in front of all that, free.
 * Null when nothing is asked for.
 *
 * llama.cpp shows a control token to a grammar as the token's own text (tried with node-llama-cpp 3.22.1), so the
 * mark `<tool_call>` matches the literal whether it is one token or several; nothing has to be put into the prompt.
 * `ChatReader` reads every text that the grammar allows back as the calls it stands for.
 *
 * Errors: InvalidRequest for a schema that a grammar cannot carry and a named tool that there is not.
 */
export function chatGrammar(options: ChatGrammarOptions): string | null {
  const grammar = new Grammar();
  const answer = answerOf(grammar, options);
  if (answer === null) return null;
  return grammar.toString(grammar.add("answer", thoughts(grammar, options.reasoning) + answer));
}

function answerOf(
  grammar: Grammar,
  { syntax, tools, choice, parallel, output, reasoning }: ChatGrammarOptions,
): string | null {
  const header = reasoning?.messages === true ? `${literal(harmonyAnswer)} ` : "";
  const value = jsonOf(grammar, output);
  const json = value === null ? null : header + value;
  if (tools.length === 0 || choice === "none") return json;
  const named = tools
    .map((tool, index): GrammarTool => ({ tool, field: `tools[${index}].function.parameters` }))
    .filter(({ tool }) => typeof choice !== "object" || tool.name === choice.name);
  if (named.length === 0)
    throw new InvalidRequest(
      `tool_choice names a function that is not among the tools: ${tools.map(({ name }) => name).join(", ")}.`,
      { field: "tool_choice" },
    );
  if (choice === "auto" && json === null && parallel && !tools.some(({ strict }) => strict)) return null;
  const calls = `(${syntax.grammar(grammar, named, parallel)})`;
  if (choice !== "auto") return calls;
  if (json !== null) return `(${calls} | ${json})`;
  return header === ""
    ? freely(grammar, syntax, calls)
    : `(${calls} | ${header} ${anyBut(grammar, harmonyThoughts.closing)})`;
}

/** Text in which no call begins, and then calls, or none. */
function freely(grammar: Grammar, { bare, openings }: CallSyntax, calls: string): string {
  const text = anyBut(grammar, ...openings);
  if (!bare) return `${text} ${calls}?`;
  // A call is all there is in the answer, and nothing else begins with a brace.
  return String.raw`(${calls} | [ \t\r\n]* ([^{< \t\r\n] ${text} | "<" ([^|] ${text})?)?)`;
}

function jsonOf(grammar: Grammar, output: OutputForm): string | null {
  switch (output.kind) {
    case "text":
      return null;
    case "json_object":
      return jsonObjectRule(grammar);
    case "json_schema":
      return schemaRule(grammar, output.schema, "response_format.json_schema.schema");
  }
}

/** White space that models put around their thoughts; without a limit a model that has nothing else to say never ends. */
const space = String.raw`[ \t\n]{0,8}`;

function thoughts(grammar: Grammar, reasoning: Reasoning | null): string {
  if (reasoning === null) return "";
  const rest = `${throughFirst(grammar, reasoning.closing)} ${space}`;
  if (reasoning.begun) return `${rest} `;
  if (reasoning.messages) return `(${literal(reasoning.opening)} ${rest} ${literal(harmonyStart)})? `;
  return `(${space} ${literal(reasoning.opening)} ${rest})? `;
}
