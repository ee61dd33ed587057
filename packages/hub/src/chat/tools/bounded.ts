/** What is given back to a model has to fit into its context, beside all the rest: about 3,000 tokens of JSON. */
export const longestOutput = 8_000;

/** How long a text and how long a list may be, tried one after the other until the whole fits. */
const measures = [
  [2_000, 500],
  [600, 100],
  [300, 50],
  [200, 20],
  [120, 10],
  [60, 5],
] as const;

/** As it is when it is small; else with shorter texts and lists, each of which says how much is left out. */
export function bounded(output: unknown): unknown {
  const whole = JSON.stringify(output);
  if (whole === undefined) return null;
  if (whole.length <= longestOutput) return output;
  const plain: unknown = JSON.parse(whole);
  for (const [characters, items] of measures) {
    const shorter = shortened(plain, characters, items);
    if (JSON.stringify(shorter).length <= longestOutput) return shorter;
  }
  return {
    truncated: `The whole has ${whole.length} characters; this is the beginning. Ask for less.`,
    beginning: whole.slice(0, longestOutput / 2),
  };
}

function shortened(value: unknown, characters: number, items: number): unknown {
  if (typeof value === "string")
    return value.length <= characters
      ? value
      : `${value.slice(0, characters)}… (${value.length - characters} more characters)`;
  if (Array.isArray(value)) {
    const kept = value.slice(0, items).map((item) => shortened(item, characters, items));
    return value.length <= items ? kept : [...kept, `… (${value.length - items} more)`];
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const kept = entries.slice(0, items).map(([name, item]) => [name, shortened(item, characters, items)]);
  if (entries.length > items) kept.push(["…", `${entries.length - items} more`]);
  return Object.fromEntries(kept);
}
