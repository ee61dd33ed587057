/** What searches look like before it is known what they search: names and values as they were written. */

export const comparators = [
  "=",
  "!=",
  ">",
  ">=",
  "<",
  "<=",
  "LIKE",
  "ILIKE",
  "RLIKE",
  "IN",
  "NOT IN",
  "IS NULL",
  "IS NOT NULL",
] as const;
export type Comparator = (typeof comparators)[number];

/** `metrics.loss`: what stands before the first dot and after it; a bare key has no prefix. */
export interface Name {
  prefix: string | null;
  key: string;
}

export type Literal =
  | { kind: "text"; text: string }
  /** ±Infinity when it is beyond a double. */
  | { kind: "number"; value: number }
  | { kind: "list"; texts: readonly string[] };

export interface Clause {
  name: Name;
  comparator: Comparator;
  /** Null with IS NULL and IS NOT NULL. */
  literal: Literal | null;
}

export interface OrderClause {
  name: Name;
  ascending: boolean;
}
