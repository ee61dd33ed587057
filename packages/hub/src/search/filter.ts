import { refusal, shown } from "./refusal.ts";
import { comparators, type Clause, type Comparator, type Literal } from "./syntax.ts";
import { TokenStream, unexpected } from "./token-stream.ts";

/** SQLite refuses expressions nested deeper than 1000; no filter of a person comes near. */
const maxClauses = 200;
const maxListed = 10_000;

const invalidFilter = "Invalid clause(s) in filter string";
const invalidComparison = "Invalid comparison clause";

/**
 * Reads a filter; an empty or blank one has no clauses:
 *
 *     filter     = clause { "AND" clause }
 *     clause     = name ( "IS" ["NOT"] "NULL" | ["NOT"] "IN" list | comparator value )
 *     comparator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "LIKE" | "ILIKE" | "RLIKE"
 *     name       = part { "." part }          part = word | `quoted` | "quoted", after a dot also 'quoted'
 *     value      = number | 'text' | "text"
 *     list       = "(" text { "," text } [","] ")"
 *
 * Words of the language are read in any case. Whether the fields exist is for `resolveFilter` to say.
 *
 * @throws HearthError `invalid_request` that names the position, what was found and what was expected
 */
export function parseFilter(text: string): Clause[] {
  const tokens = new TokenStream(text, "filter string");
  if (tokens.peek().kind === "end") return [];
  const clauses = [takeClause(tokens)];
  while (tokens.takeWords("AND")) {
    clauses.push(takeClause(tokens));
    if (clauses.length > maxClauses) {
      throw refusal(`${invalidFilter}: a filter has at most ${maxClauses} clauses.`);
    }
  }
  const rest = tokens.peek();
  if (rest.kind !== "end") {
    throw unexpected(
      invalidFilter,
      rest,
      "AND and another comparison, or the end: there is no OR and no grouping",
    );
  }
  return clauses;
}

function takeClause(tokens: TokenStream): Clause {
  const name = tokens.takeName(invalidFilter);
  if (tokens.takeWords("IS", "NOT", "NULL")) return { name, comparator: "IS NOT NULL", literal: null };
  if (tokens.takeWords("IS", "NULL")) return { name, comparator: "IS NULL", literal: null };
  if (tokens.takeWords("NOT", "IN")) return { name, comparator: "NOT IN", literal: takeList(tokens) };
  if (tokens.takeWords("IN")) return { name, comparator: "IN", literal: takeList(tokens) };
  return { name, comparator: takeComparator(tokens), literal: takeLiteral(tokens) };
}

function takeComparator(tokens: TokenStream): Comparator {
  const token = tokens.take();
  const written = token.text.toUpperCase();
  const comparator = comparators.find((known) => known === written);
  if (comparator !== undefined && (token.kind === "operator" || token.kind === "word")) return comparator;
  if (token.kind === "operator") {
    throw refusal(
      `Invalid comparator '${token.text}' at position ${token.start + 1}: equality is written = and inequality !=.`,
      { position: token.start + 1 },
    );
  }
  throw unexpected(invalidComparison, token, `a comparator (${comparators.join(" ")})`);
}

function takeLiteral(tokens: TokenStream): Literal {
  const token = tokens.peek();
  switch (token.kind) {
    case "number":
      tokens.take();
      return { kind: "number", value: Number(token.text) };
    case "single":
    case "double":
      tokens.take();
      return { kind: "text", text: token.text };
    case "open":
      return takeList(tokens);
    case "word":
    case "backtick":
      throw refusal(
        "Parameter value is either not quoted or unidentified quote types used for string value " +
          `${shown(token.source)} at position ${token.start + 1}. Write it in single or double quotes; ` +
          "a filter compares a field with a value, never with another field.",
        { position: token.start + 1 },
      );
    case "operator":
    case "dot":
    case "comma":
    case "close":
    case "end":
      throw unexpected(invalidComparison, token, "a number or a quoted text");
  }
}

function takeList(tokens: TokenStream): Literal {
  const wrong = "While parsing a list in the query";
  const open = tokens.take();
  if (open.kind !== "open") throw unexpected(wrong, open, "a list such as ('a', 'b')");
  const texts: string[] = [];
  for (;;) {
    const token = tokens.take();
    if (token.kind === "close" && texts.length > 0) return { kind: "list", texts };
    if (token.kind === "close") {
      throw refusal(`${wrong}, expected a non-empty list of string values, but got empty list.`);
    }
    if (token.kind !== "single" && token.kind !== "double") {
      throw unexpected(`${wrong}, expected string value`, token, "a quoted text");
    }
    texts.push(token.text);
    if (texts.length > maxListed) throw refusal(`${wrong}: a list has at most ${maxListed} values.`);
    const next = tokens.take();
    if (next.kind === "close") return { kind: "list", texts };
    if (next.kind !== "comma") throw unexpected(`${wrong}, ill-formed list`, next, "',' or ')'");
  }
}
