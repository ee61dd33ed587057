import { CompiledQuery, PostgresAdapter } from "kysely";
import type { Queries } from "./database.ts";

type Dialect = "sqlite" | "postgres";

/** `column ${anyOf(dialect)}`: equal to one of the texts in the statement's first parameter. */
export function anyOf(dialect: Dialect): string {
  return dialect === "sqlite" ? "in (select value from json_each(?))" : "= any($1::text[])";
}

/**
 * A statement about any number of rows that are named by a list of texts: one text whatever their number is,
 * so that it is prepared once. The list is the first parameter in the text, others follow it.
 */
export class ListQuery<Row> {
  readonly #write: (dialect: Dialect) => string;
  readonly #texts = new Map<Dialect, string>();

  constructor(write: (dialect: Dialect) => string) {
    this.#write = write;
  }

  async run(db: Queries, list: readonly string[], ...rest: readonly unknown[]): Promise<Row[]> {
    const dialect = db.getExecutor().adapter instanceof PostgresAdapter ? "postgres" : "sqlite";
    let text = this.#texts.get(dialect);
    if (text === undefined) this.#texts.set(dialect, (text = this.#write(dialect)));
    const first = dialect === "sqlite" ? JSON.stringify(list) : list;
    return (await db.executeQuery<Row>(CompiledQuery.raw(text, [first, ...rest]))).rows;
  }
}
