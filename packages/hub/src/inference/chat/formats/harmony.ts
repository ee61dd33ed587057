import { literal } from "../../grammar/grammar.ts";
import type { AnswerSink, CallSyntax } from "../call-syntax.ts";
import type { CharacterSource, Reading } from "../character-source.ts";
import { copyValue, nextVisible, takesVisible, until } from "../lexing.ts";
import { alternatives, argumentsRule } from "./rules.ts";

const channel = "<|channel|>";
const message = "<|message|>";
const end = "<|end|>";
const call = "<|call|>";
const start = "<|start|>assistant";
const recipient = "to=functions.";

/** How the prompt of such a model ends: the header of a message comes next. */
export const harmonyStart = start;
/** What the header of a model's thoughts looks like, and of its answer. */
export const harmonyThoughts = { opening: `${channel}analysis${message}`, closing: end };
export const harmonyAnswer = `${channel}final${message}`;

/**
 * OpenAI's harmony (gpt-oss): the answer is a row of messages, each with a header that names its channel and,
 * for a call, the function that it is addressed to. A call ends the answer.
 * Source: OpenAI harmony response format, https://cookbook.openai.com/articles/openai-harmony
 */
export const harmonySyntax: CallSyntax = {
  name: "harmony",
  openings: [],
  bare: false,
  markers: [channel, message, end, call, "<|start|>", "<|constrain|>"],
  write: (name, args) => `${channel}commentary ${recipient}${name} <|constrain|>json${message}${args}${call}`,
  // `readMessages` reads the whole answer.
  read: null,
  grammar(grammar, tools) {
    const calls = tools.map((tool) => {
      const head = literal(`${channel}commentary ${recipient}${tool.tool.name} <|constrain|>json${message}`);
      return `${head} ${argumentsRule(grammar, tool)}`;
    });
    return grammar.add("tool-call", alternatives(calls));
  },
};

/** No header is longer; what is, is an answer without headers. */
const longestHeader = 200;
/** The mark of the channel, or the address of a call. */
const beginsHeader = /^\s*(?:$|<|t(?:$|o(?:$|=)))/;

/** Reads the whole of an answer. */
export function* readMessages(source: CharacterSource, answer: AnswerSink): Reading<void> {
  do {
    const header = yield* readHeader(source);
    if (header === null) answer.text(source.held);
    else if (yield* readCall(source, header, answer)) continue;
    const thinks = header !== null && /<\|channel\|>\s*analysis/.test(header);
    if (thinks) answer.beginThoughts();
    yield* until(source, [end, call], (text) => (thinks ? answer.thoughts(text) : answer.text(text)));
    if (thinks) answer.endThoughts();
  } while (yield* anotherMessage(source));
}

/** Null: there is none, and what was taken is text. */
function* readHeader(source: CharacterSource): Reading<string | null> {
  source.commit();
  for (;;) {
    const character = yield* source.next();
    const header = source.held;
    if (character === "" || header.length > longestHeader || !beginsHeader.test(header)) return null;
    if (!header.endsWith(message)) continue;
    if (!header.includes(channel)) return null;
    source.commit();
    return header;
  }
}

function* anotherMessage(source: CharacterSource): Reading<boolean> {
  source.commit();
  const first = yield* nextVisible(source);
  if (first === "") return false;
  source.back(1);
  yield* takesVisible(source, start);
  return true;
}

/** False: the message is not addressed to a function that there is. */
function* readCall(source: CharacterSource, header: string, answer: AnswerSink): Reading<boolean> {
  const name = /to=functions\.([^\s<]+)/.exec(header)?.[1];
  if (name === undefined || answer.tools.size === 0) return false;
  const first = yield* nextVisible(source);
  if (first !== "{") {
    source.back(source.held.length);
    return false;
  }
  answer.start(name);
  yield* copyValue(source, first, (text) => answer.arguments(text));
  yield* until(source, [end, call], () => undefined);
  return true;
}
