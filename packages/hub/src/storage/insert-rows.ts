import { CompiledQuery, PostgresAdapter } from "kysely";
import type { Queries } from "./database.ts";

/** Column types of PostgreSQL's arrays; SQLite takes values as they are. */
type ColumnType = "text" | "bigint" | "integer" | "double precision";

/** One `insert` of many rows, written once and prepared, for the tables that are written all the time. */
export class RowInsert {
  readonly #table: string;
  readonly #columns: readonly (readonly [name: string, type: ColumnType])[];
  readonly #suffix: string;
  readonly #texts = new Map<number, string>();

  /** `suffix` follows the values: `on conflict …`, `returning …`. */
  constructor(table: string, columns: Readonly<Record<string, ColumnType>>, suffix: string) {
    this.#table = table;
    this.#columns = Object.entries(columns);
    this.#suffix = suffix;
  }

  /** Values of a row in the order of the columns. No two rows may meet in one conflict. */
  async run<Returned>(db: Queries, rows: readonly (readonly unknown[])[]): Promise<Returned[]> {
    if (rows.length === 0) return [];
    if (db.getExecutor().adapter instanceof PostgresAdapter) {
      const arrays = this.#columns.map((_, column) => rows.map((row) => row[column]));
      return (await db.executeQuery<Returned>(CompiledQuery.raw(this.#arraysText(), arrays))).rows;
    }
    const returned: Returned[] = [];
    for (let start = 0; start < rows.length;) {
      const size = chunkSizes.find((candidate) => candidate <= rows.length - start) ?? 1;
      const values = rows.slice(start, start + size).flat();
      const result = await db.executeQuery<Returned>(CompiledQuery.raw(this.#valuesText(size), values));
      if (result.rows.length > 0) returned.push(...result.rows);
      start += size;
    }
    return returned;
  }

  #valuesText(size: number): string {
    let text = this.#texts.get(size);
    if (text === undefined) {
      const row = `(${this.#columns.map(() => "?").join(", ")})`;
      text = `${this.#head()} values ${Array.from({ length: size }, () => row).join(", ")} ${this.#suffix}`;
      this.#texts.set(size, text);
    }
    return text;
  }

  #arraysText(): string {
    let text = this.#texts.get(0);
    if (text === undefined) {
      const arrays = this.#columns.map(([, type], index) => `$${index + 1}::${type}[]`);
      text = `${this.#head()} select * from unnest(${arrays.join(", ")}) ${this.#suffix}`;
      this.#texts.set(0, text);
    }
    return text;
  }

  #head(): string {
    return `insert into ${this.#table} (${this.#columns.map(([name]) => name).join(", ")})`;
  }
}

/** Few lengths, so that few statements are prepared; a length in between is a sum of them. */
const chunkSizes = [200, 50, 16, 4, 1];
