import type { ScorerOutcome } from "./custom-scorer.ts";

/** Figures beside its value that a scorer may give. */
const mostFigures = 16;
const figureName = /^[a-z]\w{0,63}$/i;

/**
 * Reads what a scorer returned: a number, or `{ value }` with further numbers, whose metrics are named
 * `name/key`. Anything else is a failure of the row, in words for who wrote the scorer.
 */
export function outcomeOf(name: string, result: unknown): ScorerOutcome {
  if (typeof result === "number") return values(name, new Map([["value", result]]));
  if (typeof result !== "object" || result === null || Array.isArray(result))
    return { failure: `score returned ${described(result)}; return a number, or an object with "value"` };
  const figures = new Map<string, number>();
  for (const [key, value] of Object.entries(result)) {
    if (typeof value !== "number")
      return { failure: `score returned ${described(value)} as "${key.slice(0, 64)}"; return numbers only` };
    if (!figureName.test(key))
      return { failure: `score named a figure "${key.slice(0, 64)}"; letters, digits and _ make a name` };
    figures.set(key, value);
  }
  if (!figures.has("value")) return { failure: 'score returned an object without "value"' };
  if (figures.size > mostFigures)
    return { failure: `score returned ${figures.size} figures; ${mostFigures} are the most` };
  return values(name, figures);
}

function values(name: string, figures: ReadonlyMap<string, number>): ScorerOutcome {
  const wrong = [...figures].find(([, value]) => !Number.isFinite(value));
  if (wrong !== undefined)
    return { failure: `score returned ${wrong[1]} as "${wrong[0]}"; return finite numbers` };
  return {
    values: Object.fromEntries(
      [...figures].map(([key, value]) => [key === "value" ? name : `${name}/${key}`, value]),
    ),
  };
}

function described(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return value === undefined ? "nothing" : `a ${typeof value}`;
}
