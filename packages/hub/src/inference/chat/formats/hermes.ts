import type { CallSink, CallSyntax } from "../call-syntax.ts";
import type { CharacterSource, Reading } from "../character-source.ts";
import { literal } from "../../grammar/grammar.ts";
import { readCallObject } from "../json-call.ts";
import { nextVisible, takesVisible } from "../lexing.ts";
import { jsonCallRule, oneOrMore } from "./rules.ts";

const opening = "<tool_call>";
const closing = "</tool_call>";

/** Hermes, Qwen and others: a JSON object between `<tool_call>` and `</tool_call>`, one pair for each call. */
export const hermesSyntax: CallSyntax = {
  name: "hermes",
  openings: [opening],
  bare: false,
  markers: [opening, closing],
  write: (name, args) => `${opening}\n{"name": ${JSON.stringify(name)}, "arguments": ${args}}\n${closing}`,

  read: readHermesCall,

  grammar(grammar, tools, many) {
    const call = grammar.add(
      "tool-call",
      `${literal(`${opening}\n`)} ${jsonCallRule(grammar, tools, "arguments")} ${literal(`\n${closing}`)}`,
    );
    return many ? oneOrMore(call, '"\\n"?') : call;
  },
};

/** Reads the object and the closing mark. */
export function* readHermesCall(source: CharacterSource, calls: CallSink): Reading<boolean> {
  const first = yield* nextVisible(source);
  if (first !== "{") {
    if (first !== "") source.back(1);
    return false;
  }
  if (!(yield* readCallObject(source, calls, { sure: false }))) return false;
  // A missing closing mark loses nothing: the call is known.
  yield* takesVisible(source, closing);
  return true;
}
