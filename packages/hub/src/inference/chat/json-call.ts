import type { CallSink } from "./call-syntax.ts";
import type { CharacterSource, Reading } from "./character-source.ts";
import { copyValue, nextVisible, restOfString } from "./lexing.ts";

const nameKeys: ReadonlySet<string> = new Set(["name", "function"]);
const argumentKeys: ReadonlySet<string> = new Set(["arguments", "parameters"]);
/** What else models write into a call. */
const sideKeys: ReadonlySet<string> = new Set(["type", "id"]);

export interface CallObjectOptions {
  /** Only an object that cannot be anything else: it names a tool that there is, and has no other keys. */
  sure: boolean;
}

/**
 * Reads `{"name": …, "arguments": {…}}`, whose brace was taken, in any order of keys; `parameters` is another
 * name of the arguments. They are given out as they come, once the name is known. False when it is no call,
 * which is found at the first character that does not fit.
 */
export function* readCallObject(
  source: CharacterSource,
  calls: CallSink,
  options: CallObjectOptions,
): Reading<boolean> {
  const call = new CallInProgress(calls, options);
  for (;;) {
    if (!(yield* expects(source, '"'))) return call.started;
    const key = yield* restOfString(source);
    if (key === null || !(yield* expects(source, ":"))) return call.started;
    const first = yield* nextVisible(source);
    if (first === "" || !(yield* readMember(source, call, key, first))) return call.started;
    const next = yield* nextVisible(source);
    if (next === ",") continue;
    if (next === "}") return call.finish();
    if (next !== "") source.back(1);
    return call.started;
  }
}

/** What is known of a call while its object is read. */
class CallInProgress {
  started = false;
  readonly sure: boolean;
  readonly #calls: CallSink;
  #name: string | null = null;
  /** Arguments that came before the name. */
  #early: string | null = null;

  constructor(calls: CallSink, { sure }: CallObjectOptions) {
    this.#calls = calls;
    this.sure = sure;
  }

  /** False when there cannot be a call of that name. */
  named(name: string): boolean {
    if (this.#name !== null || name === "" || (this.sure && !this.#calls.tools.has(name))) return false;
    this.#name = name;
    if (this.#early !== null) this.#give(name, this.#early);
    return true;
  }

  arguments(text: string): void {
    if (this.started) this.#calls.arguments(text);
    else if (this.#name === null) this.#early = (this.#early ?? "") + text;
    else this.#give(this.#name, text);
  }

  get hasArguments(): boolean {
    return this.started || this.#early !== null;
  }

  /** The object has ended. A tool without parameters is called without arguments by some. */
  finish(): boolean {
    if (!this.started && this.#name !== null) this.#give(this.#name, "{}");
    return this.started;
  }

  #give(name: string, text: string): void {
    this.started = true;
    this.#calls.start(name);
    this.#calls.arguments(text);
  }
}

/** Reads one value; `first` is its first character. False when the object is no call. */
function* readMember(
  source: CharacterSource,
  call: CallInProgress,
  key: string,
  first: string,
): Reading<boolean> {
  if (!call.started && nameKeys.has(key) && first === '"') {
    const name = yield* restOfString(source);
    return name !== null && call.named(name);
  }
  if (!call.hasArguments && argumentKeys.has(key)) return yield* readArguments(source, call, first);
  if (call.sure && !sideKeys.has(key)) {
    source.back(1);
    return false;
  }
  return yield* copyValue(source, first, () => undefined);
}

function* readArguments(source: CharacterSource, call: CallInProgress, first: string): Reading<boolean> {
  if (first === "{") return yield* copyValue(source, first, (text) => call.arguments(text));
  if (first === '"') {
    const text = yield* restOfString(source);
    if (text === null || !isObject(text)) return false;
    call.arguments(text);
    return true;
  }
  let word = "";
  if (first !== "n" || !(yield* copyValue(source, first, (text) => (word += text)))) return false;
  if (word === "null") call.arguments("{}");
  return word === "null";
}

/** Some models write the arguments as a text that holds the object. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function* expects(source: CharacterSource, expected: string): Reading<boolean> {
  const character = yield* nextVisible(source);
  if (character === expected) return true;
  if (character !== "") source.back(1);
  return false;
}
