import { sql, type RawBuilder, type SqlBool } from "kysely";
import type { Condition, Test } from "./condition.ts";
import type { Dialect, Sql } from "./layout.ts";
import { toGlob } from "./like.ts";

const never = sql<SqlBool>`1 = 0`;

/**
 * What a test says of a column or an expression, in SQL that means the same on both databases. Null meets no test
 * but IS NULL.
 */
export function compare(
  dialect: Dialect,
  column: Sql,
  { type, test }: Pick<Condition, "type" | "test">,
): RawBuilder<SqlBool> {
  switch (test.comparator) {
    case "IS NULL":
      return sql<SqlBool>`${column} is null`;
    case "IS NOT NULL":
      return sql<SqlBool>`${column} is not null`;
    case "LIKE":
      return dialect === "sqlite"
        ? sql<SqlBool>`${column} glob ${toGlob(test.value)}`
        : sql<SqlBool>`${column} like ${test.value} escape ''`;
    case "ILIKE":
      // Letters beyond ASCII would depend on the locale of a PostgreSQL database; in "C" they are only themselves.
      return dialect === "sqlite"
        ? sql<SqlBool>`${column} like ${test.value}`
        : sql<SqlBool>`${column} collate "C" ilike ${test.value} escape ''`;
    case "RLIKE":
      return dialect === "sqlite"
        ? sql<SqlBool>`${column} regexp ${test.value.source}`
        : sql<SqlBool>`${column} ~ ${test.value.postgres}`;
    case "IN":
      return sql<SqlBool>`${column} ${among(dialect, test.value)}`;
    case "NOT IN":
      return sql<SqlBool>`not (${column} ${among(dialect, test.value)})`;
    case "=":
    case "!=":
    case ">":
    case ">=":
    case "<":
    case "<=":
      if (type === "integer" && typeof test.value === "number") {
        return compareInteger(column, test.comparator, test.value);
      }
      return sql<SqlBool>`${column} ${sql.raw(test.comparator)} ${test.value}`;
  }
}

/** One parameter for any number of values: the text of the statement stays the same. */
function among(dialect: Dialect, values: readonly string[]): Sql {
  return dialect === "sqlite"
    ? sql`in (select value from json_each(${JSON.stringify(values)}))`
    : sql`= any(${[...values]}::text[])`;
}

/** PostgreSQL reads the parameter as the integer that the column is: a fraction or a huge number is refused. */
function compareInteger(
  column: Sql,
  comparator: (Test & { value: number | string })["comparator"],
  value: number,
): RawBuilder<SqlBool> {
  const operator = sql.raw(comparator);
  if (Number.isInteger(value) && Number.isSafeInteger(value)) {
    return sql<SqlBool>`${column} ${operator} ${value}`;
  }
  if (comparator === "=") return never;
  if (comparator === "!=") return sql<SqlBool>`${column} is not null`;
  const limit = Number.MAX_SAFE_INTEGER;
  const below = Math.max(-limit, Math.min(limit, Math.floor(value)));
  return comparator === ">" || comparator === ">="
    ? sql<SqlBool>`${column} > ${below}`
    : sql<SqlBool>`${column} <= ${below}`;
}
