import { anyOf } from "../choice.ts";
import type { Grammar } from "../grammar.ts";
import {
  jsonBooleanRule,
  jsonCharacterRule,
  jsonNullRule,
  jsonNumberRule,
  jsonStringRule,
  jsonValueRule,
} from "../json-rules.ts";
import { automatonExpression } from "../pattern/string-rules.ts";
import { repeated } from "../repetition.ts";
import type { Form, MultipleForm } from "./shape.ts";

/** An expression for the JSON texts of these values, as JSON.stringify writes them. */
export function valueLiterals(grammar: Grammar, hint: string, values: readonly unknown[]): string {
  const texts = new Set(values.map((value) => JSON.stringify(value)));
  const expression = anyOf(grammar, hint, [...texts]);
  return texts.size === 1 ? expression : grammar.add(hint, expression);
}

/** An expression for the values of a form that has no other shapes inside. */
export function plainExpression(
  grammar: Grammar,
  hint: string,
  form: Exclude<Form, { kind: "object" | "array" }>,
): string {
  switch (form.kind) {
    case "anything":
      return jsonValueRule(grammar);
    case "values":
      return valueLiterals(grammar, hint, form.values);
    case "boolean":
      return jsonBooleanRule(grammar);
    case "null":
      return jsonNullRule(grammar);
    case "text":
      if (form.min === 0 && form.max === null) return jsonStringRule(grammar);
      return `"\\"" ${repeated(grammar, jsonCharacterRule(grammar), form.min, form.max)} "\\""`;
    case "pattern":
      return grammar.shared(`text ${form.key}`, () => automatonExpression(grammar, hint, form.automaton));
    case "number":
      return form.expression ?? jsonNumberRule(grammar);
    case "multiple":
      return multipleExpression(grammar, form);
  }
}

const mostDigits = 15;

/** Digit by digit with the remainder so far: one rule for each remainder and number of digits. */
function multipleExpression(grammar: Grammar, { of, negative, zero }: MultipleForm): string {
  const positive = grammar.shared(`multiple of ${of}`, () => {
    const digits = Array.from({ length: 10 }, (_, digit) => digit);
    let later: (string | null)[] = Array.from({ length: of }, (_, remainder) =>
      remainder === 0 ? '""' : null,
    );
    const way = (from: number, first: boolean): string[] =>
      [...Map.groupBy(first ? digits.slice(1) : digits, (digit) => (from * 10 + digit) % of)].flatMap(
        ([reached, group]) => {
          const then = later[reached];
          return then === null || then === undefined ? [] : [`[${group.join("")}] ${then}`];
        },
      );
    for (let read = mostDigits - 1; read > 0; read--) {
      const now = later.map((_, remainder) => {
        const alternatives = [...way(remainder, false), ...(remainder === 0 ? ['""'] : [])];
        return alternatives.length === 0 ? null : grammar.add("multiple", alternatives.join(" | "));
      });
      later = now;
    }
    return way(0, true).join(" | ");
  });
  return [`${negative ? '"-"? ' : ""}${positive}`, ...(zero ? ['"0"'] : [])].join(" | ");
}
