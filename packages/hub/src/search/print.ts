import { isPlainSegment, isPlainWord } from "./lexer.ts";
import type { Clause, Literal, Name, OrderClause } from "./syntax.ts";

/** The inverse of `parseFilter`: a filter that reads as these clauses. */
export function printFilter(clauses: readonly Clause[]): string {
  return clauses.map(printClause).join(" AND ");
}

/** The inverse of `parseOrderBy`. */
export function printOrderBy({ name, ascending }: OrderClause): string {
  return `${printName(name)} ${ascending ? "ASC" : "DESC"}`;
}

/** A name as one writes it: in backticks where it needs them. */
export function printName({ prefix, key }: Name): string {
  if (prefix === null) return isPlainWord(key) ? key : quote(key, "`");
  const start = isPlainWord(prefix) ? prefix : quote(prefix, "`");
  return `${start}.${isPlainSegment(key) ? key : quote(key, "`")}`;
}

function printClause({ name, comparator, literal }: Clause): string {
  const left = `${printName(name)} ${comparator}`;
  return literal === null ? left : `${left} ${printLiteral(literal)}`;
}

function printLiteral(literal: Literal): string {
  switch (literal.kind) {
    case "text":
      return quote(literal.text, "'");
    case "number":
      if (Number.isFinite(literal.value)) {
        return Object.is(literal.value, -0) ? "-0" : String(literal.value);
      }
      return literal.value > 0 ? "1e999" : "-1e999";
    case "list":
      return `(${literal.texts.map((text) => quote(text, "'")).join(", ")})`;
  }
}

function quote(text: string, mark: string): string {
  return mark + text.replaceAll(mark, mark + mark) + mark;
}
