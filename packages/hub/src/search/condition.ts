import type { RegularExpression } from "./regular-expression/regular-expression.ts";

/** What is asked of a value. */
export type Test =
  | { comparator: "=" | "!="; value: string | number }
  | { comparator: ">" | ">=" | "<" | "<="; value: number }
  /** `%` is any text, `_` any one character; nothing escapes them. ILIKE takes A–Z and a–z as the same. */
  | { comparator: "LIKE" | "ILIKE"; value: string }
  | { comparator: "RLIKE"; value: RegularExpression }
  | { comparator: "IN" | "NOT IN"; value: readonly string[] }
  | { comparator: "IS NULL" | "IS NOT NULL" };

/** A clause of a filter whose field exists and whose value fits it. */
export interface Condition {
  kind: string;
  /** Canonical: never a synonym. */
  key: string;
  type: "text" | "integer" | "number" | "mixed";
  test: Test;
  /** What the key reads as where it is missing; without it a missing key matches only IS NULL. */
  absent?: string;
}

/** A field to order by. */
export interface SortTerm {
  kind: string;
  key: string;
  type: "text" | "integer" | "number" | "mixed";
  ascending: boolean;
}
