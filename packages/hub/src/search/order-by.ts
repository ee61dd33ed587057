import { refusal, shown } from "./refusal.ts";
import type { OrderClause } from "./syntax.ts";
import { TokenStream, unexpected } from "./token-stream.ts";

/**
 * Reads one element of an `order_by`: `name ["ASC" | "DESC"]`, the direction in any case, ascending when
 * there is none; names as in a filter.
 *
 * @throws HearthError `invalid_request`
 */
export function parseOrderBy(text: string): OrderClause {
  const mistake = `Invalid order_by clause '${shown(text)}'`;
  const tokens = new TokenStream(text, "order_by clause");
  const name = tokens.takeName(mistake);
  const direction = tokens.take();
  if (direction.kind === "end") return { name, ascending: true };
  const word = direction.kind === "word" ? direction.text.toUpperCase() : "";
  if (word !== "ASC" && word !== "DESC") {
    throw refusal(
      `Invalid ordering key in order_by clause '${shown(text)}': ` +
        `at position ${direction.start + 1} there is '${shown(direction.source)}', expected ASC, DESC or the end.`,
      { position: direction.start + 1 },
    );
  }
  const rest = tokens.take();
  if (rest.kind !== "end") throw unexpected(mistake, rest, "the end");
  return { name, ascending: word === "ASC" };
}
