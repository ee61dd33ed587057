import { PostgresAdapter, sql, type RawBuilder } from "kysely";
import type { Queries } from "../../storage/database.ts";

/** A part of a series, in time or in cells, both ends inclusive, and about how many rows it has. */
export interface Span {
  series: number;
  low: number;
  high: number;
  rows: number;
}

/** Rows that one statement reads: about two milliseconds of work. */
const rowsPerRead = 4000;
/** Parts of series that one statement names. */
const spansPerRead = 200;

/** Spans as a table `(series, low, high)` for one statement about many series. */
export function spanTable(db: Queries, spans: readonly Span[]): RawBuilder<unknown> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    const [series, low, high] = (["series", "low", "high"] as const).map((name) =>
      spans.map((span) => span[name]),
    );
    return sql`unnest(${series}::bigint[], ${low}::bigint[], ${high}::bigint[]) as spans(series, low, high)`;
  }
  const list = JSON.stringify(spans.map(({ series, low, high }) => [series, low, high]));
  return sql`(select value ->> 0 as series, value ->> 1 as low, value ->> 2 as high from json_each(${list})) as spans`;
}

/**
 * The rows of a table, given with its condition, for one span after the other. Each by an index: left to itself
 * PostgreSQL may read the whole table instead, as long as it has not counted it.
 */
export function inSpans(
  db: Queries,
  spans: readonly Span[],
  tableWhere: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const table = spanTable(db, spans);
  return db.getExecutor().adapter instanceof PostgresAdapter
    ? sql`${table} cross join lateral (select * from ${tableWhere} offset 0) as found`
    : sql`${table} cross join ${tableWhere}`;
}

/** Spans put together, and long ones cut, so that each pack is read in one short turn. */
export function* packSpans(spans: Iterable<Span>): Generator<Span[], void, void> {
  let pack: Span[] = [];
  let rows = 0;
  for (const span of spans) {
    for (const part of cut(span)) {
      if (pack.length > 0 && (rows + part.rows > rowsPerRead || pack.length === spansPerRead)) {
        yield pack;
        pack = [];
        rows = 0;
      }
      pack.push(part);
      rows += part.rows;
    }
  }
  if (pack.length > 0) yield pack;
}

function cut({ series, low, high, rows }: Span): Span[] {
  const parts = Math.min(Math.ceil(rows / rowsPerRead), high - low + 1);
  if (parts <= 1) return [{ series, low, high, rows }];
  const edge = (part: number) => low + Math.floor(((high - low + 1) * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({
    series,
    low: edge(part),
    high: edge(part + 1) - 1,
    rows: Math.ceil(rows / parts),
  }));
}
