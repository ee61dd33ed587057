import type { Grammar } from "./grammar.ts";

/** llama.cpp unfolds a repetition into a rule for each time, and refuses 2,000. */
const chunk = 500;

/** The longest run that is counted; a larger maximum is taken for this one. */
export const longestRun = 100_000;

/**
 * An expression for a rule repeated at least and at most so many times; `max` null: any number of times. A
 * maximum above {@link longestRun} is lowered to it; a minimum must not be above.
 */
export function repeated(grammar: Grammar, rule: string, min: number, max: number | null): string {
  if (min > longestRun) throw new Error(`${min} repetitions are more than can be asked for`);
  const parts = Array.from({ length: Math.floor(min / chunk) }, () => full(grammar, rule));
  const rest = min % chunk;
  if (max === null) return [...parts, rest === 0 ? `${rule}*` : `${rule}{${rest},}`].join(" ");
  const optional = Math.max(0, Math.min(max, longestRun) - min);
  if (rest > 0) parts.push(`${rule}{${rest}}`);
  if (optional > 0) parts.push(upTo(grammar, rule, optional));
  return parts.length === 0 ? '""' : parts.join(" ");
}

function full(grammar: Grammar, rule: string): string {
  return grammar.shared(`${rule} ${chunk} times`, () => `${rule}{${chunk}}`);
}

/** Past the first chunk only one of two ways goes on: to end within the next one, or to fill it. */
function upTo(grammar: Grammar, rule: string, count: number): string {
  const first = count % chunk || chunk;
  let expression = `${rule}{0,${first}}`;
  for (let done = first; done < count; done += chunk) {
    const longer = `${lessThanFull(grammar, rule)} | ${full(grammar, rule)} ${expression}`;
    expression = grammar.shared(`${rule} up to ${done + chunk}`, () => longer);
  }
  return expression;
}

function lessThanFull(grammar: Grammar, rule: string): string {
  return grammar.shared(`${rule} up to ${chunk - 1}`, () => `${rule}{0,${chunk - 1}}`);
}
