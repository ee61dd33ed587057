import { HearthError } from "../../errors.ts";
import type { Database, Queries } from "../../storage/database.ts";
import { invalid, noTrace } from "./errors.ts";
import { tagNames } from "./names.ts";
import { checkedTag, upsertPairs } from "./pairs.ts";
import { checkedName } from "./start-trace.ts";

/** What the store itself says of a trace. */
const immutable: ReadonlySet<string> = new Set([
  tagNames.spansLocation,
  "mlflow.trace.archiveLocation",
  "mlflow.trace.archivalFailure",
]);

export async function setTraceTag(database: Database, id: string, key: string, value: string): Promise<void> {
  if (immutable.has(key)) throw invalid(`Tag '${key}' is immutable and cannot be set on a trace.`);
  const [checkedKey, checkedValue] = checkedTag(key, value);
  await database.write(async (db) => {
    await requireTrace(db, id);
    if (key === tagNames.traceName) {
      await db
        .updateTable("traces")
        .set({ name: checkedName(value) })
        .where("id", "=", id)
        .execute();
    } else {
      await upsertPairs(db, "trace_tags", [[id, checkedKey, checkedValue]]);
    }
  });
}

export async function deleteTraceTag(database: Database, id: string, key: string): Promise<void> {
  if (immutable.has(key) && key !== "mlflow.trace.archivalFailure")
    throw invalid(`Tag '${key}' is immutable and cannot be deleted on a trace.`);
  const deleted = await database.write(async (db) => {
    await requireTrace(db, id);
    if (key === tagNames.traceName) {
      return await db
        .updateTable("traces")
        .set({ name: null })
        .where("id", "=", id)
        .where("name", "is not", null)
        .returning("id")
        .executeTakeFirst();
    }
    return await db
      .deleteFrom("trace_tags")
      .where("trace_id", "=", id)
      .where("key", "=", key)
      .returning("key")
      .executeTakeFirst();
  });
  if (deleted === undefined)
    throw new HearthError("not_found", `No trace tag with key '${key}' for trace with ID '${id}'`);
}

async function requireTrace(db: Queries, id: string): Promise<void> {
  const trace = await db.selectFrom("traces").select("id").where("id", "=", id).executeTakeFirst();
  if (trace === undefined) throw noTrace(id);
}
