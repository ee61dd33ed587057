import type { Grammar } from "./grammar.ts";

/*
 * JSON as RFC 8259 has it, with three limits that keep a model from running away: white space is what people
 * and serialisers put between the parts (nothing, one blank, or a line break and an indentation), numbers have
 * as many digits as a double can keep, and an escaped surrogate comes with its other half.
 */

/** Where a line may be broken: behind an opening bracket or a comma, and before a closing bracket. */
export function breakRule(grammar: Grammar): string {
  return grammar.shared("break", () => String.raw`(" " | "\n" [ \t]{0,24})?`);
}

/** Behind a colon. */
export const colon = '":" " "?';

/** Any one JSON value. */
export function jsonValueRule(grammar: Grammar): string {
  return grammar.shared("value", () =>
    [
      jsonObjectRule(grammar),
      jsonArrayRule(grammar),
      jsonStringRule(grammar),
      jsonNumberRule(grammar),
      jsonBooleanRule(grammar),
      jsonNullRule(grammar),
    ].join(" | "),
  );
}

/** Any JSON object. */
export function jsonObjectRule(grammar: Grammar): string {
  return grammar.shared("object", () => {
    const space = breakRule(grammar);
    const member = grammar.shared(
      "member",
      () => `${jsonStringRule(grammar)} ${colon} ${jsonValueRule(grammar)}`,
    );
    return `"{" ${space} (${member} ("," ${space} ${member})* ${space})? "}"`;
  });
}

/** Any JSON array. */
function jsonArrayRule(grammar: Grammar): string {
  return grammar.shared("array", () => {
    const space = breakRule(grammar);
    const value = jsonValueRule(grammar);
    return `"[" ${space} (${value} ("," ${space} ${value})* ${space})? "]"`;
  });
}

/** Any JSON string. */
export function jsonStringRule(grammar: Grammar): string {
  return grammar.shared("string", () => String.raw`"\"" ${jsonCharacterRule(grammar)}* "\""`);
}

/**
 * One character inside of a JSON string, escaped or not; an escaped pair of surrogates is one. The ranges are
 * spelled out, and not "anything but": so bytes that are no UTF-8 cannot get in.
 */
export function jsonCharacterRule(grammar: Grammar): string {
  return grammar.shared(
    "character",
    () => String.raw`[\x20-\x21\x23-\x5B\x5D-\uD7FF\uE000-\U0010FFFF] | "\\" ${escapeRule(grammar)}`,
  );
}

function escapeRule(grammar: Grammar): string {
  return grammar.shared("escape", () => {
    const hex = "[0-9A-Fa-f]";
    const single = `[0-9A-CEFa-cef] ${hex}{3} | [Dd] [0-7] ${hex}{2}`;
    const pair = String.raw`[Dd] [89ABab] ${hex}{2} "\\u" [Dd] [C-Fc-f] ${hex}{2}`;
    return String.raw`["\\/bfnrt] | "u" (${single} | ${pair})`;
  });
}

/** Any number that a double can hold: at most 21 digits before the point (JavaScript writes no more), 22 behind it, exponents to ±99. */
export function jsonNumberRule(grammar: Grammar): string {
  return grammar.shared(
    "number",
    () => '"-"? ("0" | [1-9] [0-9]{0,20}) ("." [0-9]{1,22})? ([eE] [-+]? [0-9]{1,2})?',
  );
}

/** Any integer of at most 16 digits, written without point and exponent. */
export function jsonIntegerRule(grammar: Grammar): string {
  return grammar.shared("integer", () => '"0" | "-"? [1-9] [0-9]{0,15}');
}

export function jsonBooleanRule(grammar: Grammar): string {
  return grammar.shared("boolean", () => '"true" | "false"');
}

export function jsonNullRule(grammar: Grammar): string {
  return grammar.shared("null", () => '"null"');
}
