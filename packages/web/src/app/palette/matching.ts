/** Whether every word of the query is somewhere in the text, in any case. */
export function matches(query: string, text: string): boolean {
  const inside = text.toLowerCase();
  return wordsOf(query).every((word) => inside.includes(word));
}

/** The best first: what is the query, what begins with it, what has it at all; at most so many. */
export function bestOf<T>(
  query: string,
  items: readonly T[],
  nameOf: (item: T) => string,
  most: number,
): T[] {
  const asked = query.trim().toLowerCase();
  const distance = (item: T): number => {
    const name = nameOf(item).toLowerCase();
    if (name === asked) return 0;
    return name.startsWith(asked) ? 1 : 2;
  };
  return items
    .filter((item) => matches(query, nameOf(item)))
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, most);
}

/** The filter, in MLflow's language, for runs whose name has the query in it. */
export function runNameFilter(query: string): string {
  return `attributes.run_name ILIKE '%${query.trim().replaceAll("'", "''")}%'`;
}

/** Ids of traces, answers, runs and jobs are long words with digits: what is none is not asked for as one. */
export function looksLikeId(query: string): boolean {
  return /^(?=.*\d)[\w-]{8,80}$/.test(query.trim());
}

function wordsOf(query: string): string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}
