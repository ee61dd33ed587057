import { sql, type RawBuilder, type SqlBool } from "kysely";
import { compare } from "./compare.ts";
import type { Condition, Test } from "./condition.ts";
import type { Dialect, Layout, Source, Sql } from "./layout.ts";

/** Sub-queries that PostgreSQL may join as it likes. */
const maxJoined = 6;

type Pairs = Source & { kind: "pairs" };

/**
 * The conditions of a filter as one expression for `where`; values are parameters, never text of the statement.
 *
 *     query.where(compileFilter("sqlite", layout, resolveFilter(runs, filter)))
 */
export function compileFilter(
  dialect: Dialect,
  layout: Layout,
  conditions: readonly Condition[],
): RawBuilder<SqlBool> {
  const parts = compileConditions(dialect, layout, conditions);
  return parts.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`${sql.join(parts, sql` and `)}`;
}

function compileConditions(
  dialect: Dialect,
  layout: Layout,
  conditions: readonly Condition[],
): RawBuilder<SqlBool>[] {
  const parts: RawBuilder<SqlBool>[] = [];
  const together = new Map<string, Condition[]>();
  for (const [index, condition] of conditions.entries()) {
    const source = layout[condition.kind];
    if (source === undefined) throw new Error(`the layout says nothing about ${condition.kind}`);
    if (source.kind === "rows" && source.together) {
      together.set(condition.kind, [...(together.get(condition.kind) ?? []), condition]);
    } else parts.push(compileCondition(dialect, source, condition, index));
  }
  for (const [kind, group] of together) {
    const source = layout[kind];
    if (source?.kind === "rows") parts.push(someRow(dialect, source, group, 0));
  }
  return parts;
}

/**
 * PostgreSQL turns `exists` into joins and looks for their best order: with many of them for minutes, and before it
 * has statistics it finds the worst. An offset keeps a sub-query as it is.
 */
function fence(dialect: Dialect): Sql {
  return dialect === "postgres" ? sql` offset 0` : sql``;
}

function compileCondition(
  dialect: Dialect,
  source: Source,
  condition: Condition,
  index: number,
): RawBuilder<SqlBool> {
  switch (source.kind) {
    case "columns": {
      const column = source.columns[condition.key];
      if (column === undefined) throw new Error(`the layout says nothing about ${condition.key}`);
      return typeof column === "function" ? column(condition, dialect) : compare(dialect, column, condition);
    }
    case "pairs":
      return compilePair(dialect, source, condition);
    case "rows":
      return someRow(dialect, source, [condition], index);
    case "custom":
      return source.write(condition, dialect);
  }
}

function someRow(
  dialect: Dialect,
  source: Source & { kind: "rows" },
  conditions: readonly Condition[],
  index: number,
): RawBuilder<SqlBool> {
  const end = index < maxJoined ? sql`` : fence(dialect);
  const tests = conditions.map((condition) => {
    const column = Object.hasOwn(source.columns, condition.key) ? source.columns[condition.key] : undefined;
    if (column !== undefined) return compare(dialect, column, condition);
    if (source.other === undefined) throw new Error(`the layout says nothing about ${condition.key}`);
    return source.other(condition, dialect);
  });
  return sql<SqlBool>`exists (select 1 from ${source.from} where ${source.owned} and ${sql.join(tests, sql` and `)}${end})`;
}

function compilePair(dialect: Dialect, source: Pairs, condition: Condition): RawBuilder<SqlBool> {
  const row = sql`select 1 from ${source.from} where ${source.owned} and ${source.key} = ${condition.key}`;
  const end = fence(dialect);
  const { test, absent } = condition;
  if (test.comparator === "IS NULL") return sql<SqlBool>`not exists (${row}${end})`;
  if (test.comparator === "IS NOT NULL") return sql<SqlBool>`exists (${row}${end})`;
  const met = sql<SqlBool>`exists (${row} and ${comparePair(dialect, source, condition)}${end})`;
  return absent !== undefined && meets(absent, test)
    ? sql<SqlBool>`(${met} or not exists (${row}${end}))`
    : met;
}

/**
 * There is one row for an owner and a key. Where there is an index on values as well, SQLite, and PostgreSQL before
 * it has statistics, would rather walk through all rows of the key.
 */
function unindexed(dialect: Dialect, column: Sql, type: Condition["type"]): Sql {
  if (dialect === "sqlite") return sql`+${column}`;
  return type === "number" ? sql`(${column} + 0)` : column;
}

/** NaN is unequal to every number and in no order with any. */
function comparePair(dialect: Dialect, source: Pairs, condition: Condition): RawBuilder<SqlBool> {
  const compared = compare(dialect, unindexed(dialect, source.value, condition.type), condition);
  if (source.nan === undefined) return compared;
  const nan = unindexed(dialect, source.nan, "number");
  return condition.test.comparator === "!="
    ? sql<SqlBool>`(${nan} = 1 or ${compared})`
    : sql<SqlBool>`${nan} = 0 and ${compared}`;
}

/** Whether a text meets a test of equality; what a missing key reads as is only ever asked that. */
function meets(text: string, test: Test): boolean {
  if (test.comparator === "=") return text === test.value;
  return test.comparator === "!=" && text !== test.value;
}

/** Where the row of a pair is, for those who look at one by themselves. */
export function pairOf(source: Pairs, key: string): Sql {
  return sql`${source.from} where ${source.owned} and ${source.key} = ${key}`;
}
