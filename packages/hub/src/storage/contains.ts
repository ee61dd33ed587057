import { sql, type RawBuilder } from "kysely";

/** Whether a text column has this text in it, whatever its case; `%` and `_` are letters like others. */
export function contains(column: string, text: string): RawBuilder<boolean> {
  const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
}
