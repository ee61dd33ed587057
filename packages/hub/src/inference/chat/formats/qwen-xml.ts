import { z } from "zod";
import type { Tool } from "../../engine.ts";
import type { CallSink, CallSyntax } from "../call-syntax.ts";
import type { CharacterSource, Reading } from "../character-source.ts";
import { nextVisible, takes, takesVisible, until } from "../lexing.ts";
import { readHermesCall } from "./hermes.ts";
import { parametersRule } from "./qwen-xml-grammar.ts";
import { oneOrMore } from "./rules.ts";
import { fromWritten, onlyText, propertySchema } from "./written-values.ts";

const opening = "<tool_call>";
const closing = "</tool_call>";
const functionOpening = "<function=";
const functionClosing = "</function>";
const parameterOpening = "<parameter=";
const parameterClosing = "</parameter>";

/**
 * Qwen3-Coder: `<function=name>` with one `<parameter=key>` element for each argument, inside `<tool_call>`.
 * Texts stand there without quotes, so the tool's schema tells what a value is. JSON between the outer marks,
 * as other Qwen models write it, is read too.
 */
export const qwenXmlSyntax: CallSyntax = {
  name: "qwen-xml",
  openings: [opening, functionOpening],
  bare: false,
  markers: [opening, closing],
  write: (name, args) => {
    const values = z.record(z.string(), z.unknown()).parse(JSON.parse(args));
    const parameters = Object.entries(values).map(([key, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${parameterOpening}${key}>\n${text}\n${parameterClosing}\n`;
    });
    return `${opening}\n${functionOpening}${name}>\n${parameters.join("")}${functionClosing}\n${closing}`;
  },

  *read(source, calls) {
    const wrapped = source.held.endsWith(opening);
    if (wrapped) {
      const first = yield* nextVisible(source);
      if (first !== "") source.back(1);
      if (first === "{") return yield* readHermesCall(source, calls);
      if (!(yield* takes(source, functionOpening))) return false;
    }
    if (!(yield* readFunction(source, calls))) return false;
    if (wrapped) yield* takesVisible(source, closing);
    return true;
  },

  grammar(grammar, tools, many) {
    const calls = tools.map((tool) => parametersRule(grammar, tool));
    const call = grammar.add("tool-call", calls.join(" | "));
    return many ? oneOrMore(call, '"\\n"?') : call;
  },
};

function* readFunction(source: CharacterSource, calls: CallSink): Reading<boolean> {
  let name = "";
  const mark = yield* until(source, [">", "<", "\n"], (text) => (name += text));
  if (mark !== ">" || name.trim() === "") return false;
  calls.start(name.trim());
  const tool = calls.tools.get(name.trim());
  calls.arguments("{");
  for (let first = true; yield* takesVisible(source, parameterOpening); first = false) {
    if (!(yield* readParameter(source, calls, tool, first))) return true;
  }
  calls.arguments("}");
  yield* takesVisible(source, functionClosing);
  return true;
}

/** False when the text ends in it. */
function* readParameter(
  source: CharacterSource,
  calls: CallSink,
  tool: Tool | undefined,
  first: boolean,
): Reading<boolean> {
  let key = "";
  if ((yield* until(source, [">"], (text) => (key += text))) === null) return false;
  const schema = propertySchema(tool, key.trim());
  calls.arguments(`${first ? "" : ", "}${JSON.stringify(key.trim())}: `);
  yield* takes(source, "\n");
  const marks = [`\n${parameterClosing}`, parameterClosing];
  if (onlyText(schema)) {
    calls.arguments('"');
    const end = yield* until(source, marks, (text) => calls.arguments(quoted(text)), drop);
    if (end !== null) calls.arguments('"');
    return end !== null;
  }
  let written = "";
  const end = yield* until(source, marks, (text) => (written += text), drop);
  calls.arguments(end === null ? written : fromWritten(written, schema));
  return end !== null;
}

/** As it stands inside of a JSON string. Halves of surrogate pairs come one after the other, and stay as they are. */
function quoted(text: string): string {
  return /^[\ud800-\udfff]$/.test(text) ? text : JSON.stringify(text).slice(1, -1);
}

/** Half of a closing mark, where an answer was cut off. */
function drop(): void {}
