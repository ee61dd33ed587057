import type { Field } from "./entity.ts";
import type { Comparator } from "./syntax.ts";

const numeric: readonly Comparator[] = ["=", "!=", ">", ">=", "<", "<="];
const matching: readonly Comparator[] = ["=", "!=", "LIKE", "ILIKE"];
const listed: readonly Comparator[] = ["IN", "NOT IN"];
const presence: readonly Comparator[] = ["IS NULL", "IS NOT NULL"];

/** A double. */
export const metric: Field = { type: "number", comparators: numeric, sortable: true };
/** Milliseconds, counts, version numbers. */
export const integer: Field = { type: "integer", comparators: numeric, sortable: true };
export const text: Field = { type: "text", comparators: [...matching, ...listed], sortable: true };
/** A text that is only ever a whole. */
export const identifier: Field = { type: "text", comparators: ["=", "!=", ...listed], sortable: true };
/** A value under a key that may be missing. */
export const keyed: Field = { type: "text", comparators: matching, sortable: true };
export const keyedOrMissing: Field = {
  type: "text",
  comparators: [...matching, ...presence],
  sortable: true,
};

/** The same field, also matched by regular expressions. */
export function withRegularExpressions(field: Field): Field {
  return { ...field, comparators: [...field.comparators, "RLIKE"] };
}

export const searched: Field = { type: "text", comparators: ["LIKE", "ILIKE"], sortable: false };
export const exact: Field = { type: "text", comparators: ["="], sortable: false };
/** The value of an assessment: JSON. */
export const assessed: Field = {
  type: "mixed",
  comparators: [...numeric, "LIKE", "ILIKE", "RLIKE", ...presence],
  sortable: false,
};
/** Ordered by, never filtered by. */
export function onlySorted(type: "text" | "integer"): Field {
  return { type, comparators: [], sortable: true };
}
