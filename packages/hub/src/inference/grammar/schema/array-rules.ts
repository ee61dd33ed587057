import type { Grammar } from "../grammar.ts";
import { breakRule } from "../json-rules.ts";
import { repeated } from "../repetition.ts";
import { refuse } from "./refusal.ts";
import { canonical } from "./json-value.ts";
import { valueLiterals } from "./value-rules.ts";
import type { ArrayForm, Shape } from "./shape.ts";

/** An expression for the arrays of this form. `ruleOf` gives the rule of an element's values. */
export function arrayExpression(
  grammar: Grammar,
  form: ArrayForm,
  hint: string,
  ruleOf: (shape: Shape) => string,
): string {
  const { first, min } = form;
  const space = breakRule(grammar);
  const max = form.max ?? Infinity;
  if (form.distinct && max > 1) return distinctExpression(grammar, form, hint, space);
  if (max === 0) return `"[" ${space} "]"`;
  const separate = (rule: string): string => `"," ${space} ${rule}`;
  const listed = first.slice(0, max).map(ruleOf);
  let rest: string | null = null;
  const head = listed[0] ?? ruleOf(form.rest);
  const behind = Math.max(1, listed.length);
  if (max > behind) {
    const more = grammar.add(hint, separate(ruleOf(form.rest)));
    rest = repeated(grammar, more, Math.max(0, min - behind), max === Infinity ? null : max - behind);
  }
  for (let index = listed.length - 1; index > 0; index--) {
    const element = [separate(listed[index] ?? ""), rest].filter((part) => part !== null).join(" ");
    rest = grammar.add(hint, index >= min ? `(${element})?` : element);
  }
  const elements = [head, rest, space].filter((part) => part !== null).join(" ");
  return min === 0 ? `"[" ${space} (${elements})? "]"` : `"[" ${space} ${elements} "]"`;
}

const mostRules = 5000;

/**
 * No element twice: what a grammar can promise where there are few values to choose from is that they come in
 * the order in which the schema lists them.
 */
function distinctExpression(grammar: Grammar, form: ArrayForm, hint: string, space: string): string {
  const values = form.first.length > 0 ? null : listedValues(form.rest);
  const field = `${form.field}.uniqueItems`;
  if (values === null) {
    refuse(
      field,
      "can be enforced where items lists its values (enum, const or boolean) only. List them, or remove it.",
    );
  }
  const most = Math.min(form.max ?? Infinity, values.length);
  if (form.min > most)
    refuse(field, `leaves ${values.length} values for at least ${form.min} elements. Ask for fewer.`);
  if (values.length * (most + 1) > mostRules)
    refuse(field, "is too much to count for a grammar. List fewer values, or set maxItems.");
  // From the end: what may follow when so many elements were written, and the values up to here are used up.
  let following = Array.from({ length: most + 1 }, (_, count): string | null =>
    count >= form.min ? '""' : null,
  );
  let starts: string[] = [];
  for (const value of values.toReversed()) {
    const later = following;
    const text = valueLiterals(grammar, hint, [value]);
    const firstThen = later[1];
    if (firstThen !== null && firstThen !== undefined) starts = [`${text} ${firstThen}`, ...starts];
    following = later.map((skipped, count) => {
      const then = count === 0 ? null : (later[count + 1] ?? null);
      const alternatives = [then === null ? [] : `"," ${space} ${text} ${then}`, skipped ?? []].flat();
      return alternatives.length === 0 ? null : grammar.add(hint, alternatives.join(" | "));
    });
  }
  const elements = grammar.add(hint, starts.length === 0 ? '""' : starts.join(" | "));
  return form.min === 0
    ? `"[" ${space} (${elements} ${space})? "]"`
    : `"[" ${space} ${elements} ${space} "]"`;
}

function listedValues(shape: Shape): unknown[] | null {
  const values: unknown[] = [];
  for (const form of shape.forms) {
    if (form.kind === "values") values.push(...form.values);
    else if (form.kind === "boolean") values.push(true, false);
    else if (form.kind === "null") values.push(null);
    else return null;
  }
  return [...new Map(values.map((value) => [canonical(value), value])).values()];
}
