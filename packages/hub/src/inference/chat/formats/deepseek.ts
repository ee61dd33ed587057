import { literal } from "../../grammar/grammar.ts";
import type { CallSink, CallSyntax } from "../call-syntax.ts";
import type { CharacterSource, Reading } from "../character-source.ts";
import { copyValue, nextVisible, takes, takesVisible, until } from "../lexing.ts";
import { alternatives, argumentsRule, oneOrMore } from "./rules.ts";

const opening = "<｜tool▁calls▁begin｜>";
const closing = "<｜tool▁calls▁end｜>";
const callOpening = "<｜tool▁call▁begin｜>";
const callClosing = "<｜tool▁call▁end｜>";
const separator = "<｜tool▁sep｜>";
const fence = "```";

/** Both forms are read alike. */
const reading = {
  openings: [opening, callOpening],
  bare: false,
  markers: [opening, closing, callOpening, callClosing, separator],
  *read(source: CharacterSource, calls: CallSink): Reading<boolean> {
    // After the mark of a single call its name comes next; after that of all calls, the mark of a single one.
    if (source.held.endsWith(opening)) {
      if ((yield* nextVisible(source)) !== "") source.back(1);
      if (!(yield* takes(source, callOpening))) return false;
    }
    do {
      if (!(yield* readCall(source, calls))) return false;
    } while (!(yield* takesVisible(source, closing)) && (yield* takesVisible(source, callOpening)));
    return true;
  },
};

/** DeepSeek V3 and R1: the name after `function<｜tool▁sep｜>`, the arguments in a fenced block of JSON. */
export const deepseekFencedSyntax: CallSyntax = {
  ...reading,
  name: "deepseek-fenced",
  write: (name, args) => wrapped(`function${separator}${name}\n${fence}json\n${args}\n${fence}`),
  grammar(grammar, tools, many) {
    const call = alternatives(
      tools.map(
        (tool) =>
          `${literal(`${callOpening}function${separator}${tool.tool.name}\n${fence}json\n`)} ${argumentsRule(grammar, tool)}`,
      ),
    );
    const rule = grammar.add("tool-call", `(${call}) ${literal(`\n${fence}${callClosing}`)}`);
    return `${literal(opening)} ${many ? oneOrMore(rule, '"\\n"?') : rule} ${literal(closing)}`;
  },
};

/** DeepSeek V3.1: `name<｜tool▁sep｜>{…}`. */
export const deepseekSyntax: CallSyntax = {
  ...reading,
  name: "deepseek",
  write: (name, args) => wrapped(`${name}${separator}${args}`),
  grammar(grammar, tools, many) {
    const call = alternatives(
      tools.map(
        (tool) => `${literal(`${callOpening}${tool.tool.name}${separator}`)} ${argumentsRule(grammar, tool)}`,
      ),
    );
    const rule = grammar.add("tool-call", `(${call}) ${literal(callClosing)}`);
    return `${literal(opening)} ${many ? oneOrMore(rule, '"\\n"?') : rule} ${literal(closing)}`;
  },
};

function wrapped(call: string): string {
  return `${opening}${callOpening}${call}${callClosing}${closing}`;
}

function* readCall(source: CharacterSource, calls: CallSink): Reading<boolean> {
  let name = "";
  if ((yield* until(source, [separator], (text) => (name += text))) === null) return false;
  let first = yield* nextVisible(source);
  const fenced = first !== "{" && name.trim() === "function";
  if (fenced) {
    name = first;
    if ((yield* until(source, ["\n"], (text) => (name += text))) === null) return false;
    if ((yield* until(source, ["{"], () => undefined)) === null) return false;
    first = "{";
  }
  if (first !== "{" || name.trim() === "") {
    if (first !== "" && !fenced) source.back(1);
    return false;
  }
  calls.start(name.trim());
  if (!(yield* copyValue(source, first, (text) => calls.arguments(text)))) return true;
  if (fenced) yield* takesVisible(source, fence);
  yield* takesVisible(source, callClosing);
  return true;
}
