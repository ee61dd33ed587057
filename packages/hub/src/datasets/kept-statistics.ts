import type { z } from "zod";
import type { Database } from "../storage/database.ts";

/**
 * What was counted over a dataset's rows, by the checksum of its content: counted once, then read from the database.
 * Those who ask for the same together wait for the same counting, which goes on when one of them leaves.
 */
export class KeptStatistics<Schema extends z.ZodType> {
  readonly #database: Database;
  readonly #schema: Schema;
  readonly #counting = new Map<string, Promise<z.output<Schema>>>();

  constructor(database: Database, schema: Schema) {
    this.#database = database;
    this.#schema = schema;
  }

  /** @param counted what is counted; its form has a number that changes with the schema */
  async get(
    checksum: string,
    counted: string,
    count: () => Promise<z.output<Schema>>,
  ): Promise<z.output<Schema>> {
    const kept = await this.find(checksum, counted);
    if (kept !== null) return kept;
    const key = `${checksum} ${counted}`;
    const already = this.#counting.get(key);
    if (already !== undefined) return await already;
    const fresh = this.#count(checksum, counted, count).finally(() => this.#counting.delete(key));
    this.#counting.set(key, fresh);
    return await fresh;
  }

  /** What is kept already; null: it has to be counted. */
  async find(checksum: string, counted: string): Promise<z.output<Schema> | null> {
    const row = await this.#database.db
      .selectFrom("dataset_statistics")
      .select("statistics")
      .where("checksum", "=", checksum)
      .where("counted", "=", counted)
      .executeTakeFirst();
    return row === undefined ? null : this.#schema.parse(JSON.parse(row.statistics));
  }

  async #count(checksum: string, counted: string, count: () => Promise<z.output<Schema>>) {
    const statistics = await count();
    await this.#database.db
      .insertInto("dataset_statistics")
      .values({ checksum, counted, statistics: JSON.stringify(statistics) })
      .onConflict((conflict) => conflict.columns(["checksum", "counted"]).doNothing())
      .execute();
    return statistics;
  }
}
