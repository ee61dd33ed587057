import { PostgresAdapter, type CreateTableBuilder, type Kysely } from "kysely";

/** Adds a primary key that counts upwards and never gives a number twice. */
export function withCounter(db: Kysely<unknown>, table: CreateTableBuilder<string>, column: string) {
  return isPostgres(db)
    ? table.addColumn(column, "bigint", (id) => id.primaryKey().generatedByDefaultAsIdentity())
    : table.addColumn(column, "integer", (id) => id.primaryKey().autoIncrement());
}

/** The two engines differ only in how they count rows and lay out tables. */
export function isPostgres(db: Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
