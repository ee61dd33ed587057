import { sql } from "kysely";
import { pairOf } from "./compile-filter.ts";
import type { SortTerm } from "./condition.ts";
import type { Dialect, Layout, Sql } from "./layout.ts";

/**
 * What to order by, as expressions with their directions. In either direction values come first, then NaN,
 * then what is missing. Texts are ordered by their bytes.
 *
 *     for (const term of compileOrder("sqlite", layout, order)) query = query.orderBy(term);
 */
export function compileOrder(dialect: Dialect, layout: Layout, terms: readonly SortTerm[]): Sql[] {
  return terms.flatMap((term) => compileTerm(dialect, layout, term));
}

function compileTerm(dialect: Dialect, layout: Layout, term: SortTerm): Sql[] {
  const source = layout[term.kind];
  const direction = sql.raw(term.ascending ? "asc" : "desc");
  const ordered = (value: Sql): Sql =>
    term.type === "text" && dialect === "postgres"
      ? sql`(${value}) collate "C" ${direction} nulls last`
      : sql`${value} ${direction} nulls last`;
  if (source?.kind === "columns") {
    const column = Object.hasOwn(source.columns, term.key) ? source.columns[term.key] : undefined;
    if (column !== undefined && typeof column !== "function") return [ordered(column)];
  }
  if (source?.kind === "pairs") {
    const value = ordered(sql`(select ${source.value} from ${pairOf(source, term.key)})`);
    if (source.nan === undefined) return [value];
    return [sql`(select ${source.nan} from ${pairOf(source, term.key)}) asc nulls last`, value];
  }
  throw new Error(`the layout has no single value for ${term.kind} ${term.key}`);
}
