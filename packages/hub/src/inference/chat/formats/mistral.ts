import { literal } from "../../grammar/grammar.ts";
import type { CallSink, CallSyntax } from "../call-syntax.ts";
import type { CharacterSource, Reading } from "../character-source.ts";
import { readCallObject } from "../json-call.ts";
import { copyValue, isSpace, nextVisible, until } from "../lexing.ts";
import { alternatives, argumentsRule, jsonCallRule, oneOrMore } from "./rules.ts";

const opening = "[TOOL_CALLS]";
const args = "[ARGS]";
const callId = "[CALL_ID]";

/** Both forms are read alike, because models of one kind sometimes write the other. */
const reading = {
  openings: [opening],
  bare: false,
  markers: [opening, args, callId],
  *read(source: CharacterSource, calls: CallSink): Reading<boolean> {
    const first = yield* nextVisible(source);
    if (first === "[") return yield* readList(source, calls);
    if (first !== "") source.back(1);
    return yield* readNamed(source, calls);
  },
};

/** Mistral: `[TOOL_CALLS]` and a JSON list of `{"name": …, "arguments": {…}}`. */
export const mistralListSyntax: CallSyntax = {
  ...reading,
  name: "mistral-list",
  write: (name, json) => `${opening}[{"name": ${JSON.stringify(name)}, "arguments": ${json}}]`,
  grammar(grammar, tools, many) {
    const call = grammar.add("tool-call", jsonCallRule(grammar, tools, "arguments"));
    return `${literal(opening)} " "? "[" ${many ? oneOrMore(call, '", "') : call} "]"`;
  },
};

/** Newer Mistral models: `[TOOL_CALLS]name[ARGS]{…}` for each call, some with `[CALL_ID]…` in between. */
export const mistralNamedSyntax: CallSyntax = {
  ...reading,
  name: "mistral-named",
  write: (name, json) => `${opening}${name}${args}${json}`,
  grammar(grammar, tools, many) {
    const call = grammar.add(
      "tool-call",
      alternatives(
        tools.map(
          (tool) => `${literal(`${opening}${tool.tool.name}${args}`)} ${argumentsRule(grammar, tool)}`,
        ),
      ),
    );
    return many ? oneOrMore(call, '""') : call;
  },
};

function* readList(source: CharacterSource, calls: CallSink): Reading<boolean> {
  for (let first = true; ; first = false) {
    const character = yield* nextVisible(source);
    if (character === "]" && !first) return true;
    const brace = character === "," && !first ? yield* nextVisible(source) : character;
    if (brace !== "{") {
      if (brace !== "") source.back(1);
      return false;
    }
    if (!(yield* readCallObject(source, calls, { sure: false }))) return false;
    source.commit();
  }
}

/** A name, which has no white space in it, and the arguments. */
function* readNamed(source: CharacterSource, calls: CallSink): Reading<boolean> {
  let name = "";
  const mark = yield* until(source, [args, callId, "{", " ", "\n"], (text) => (name += text));
  if (mark === null || name === "" || isSpace(mark)) return false;
  if (mark === callId && (yield* until(source, [args], () => undefined)) === null) return false;
  const brace = mark === "{" ? mark : yield* nextVisible(source);
  if (brace !== "{") {
    if (brace !== "") source.back(1);
    return false;
  }
  calls.start(name);
  yield* copyValue(source, brace, (text) => calls.arguments(text));
  return true;
}
