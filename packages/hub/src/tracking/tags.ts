import type { Queries } from "../storage/database.ts";
import { RowInsert } from "../storage/insert-rows.ts";
import { unknownTag } from "./errors.ts";
import { checkKey, cutText, maxTagLength } from "./keys.ts";
import type { Pair } from "./params.ts";

/** The tag that is the run's name: setting one sets the other. */
export const runNameTag = "mlflow.runName";

/** Tags as they are stored: checked, long values cut, the last one of a key. Throws `invalid_request`. */
export function checkedTags(tags: readonly Pair[]): Pair[] {
  const last = new Map<string, Pair>();
  tags.forEach(({ key, value }, index) => {
    const place = tags.length === 1 ? "key" : `tags[${index}].key`;
    checkKey(key, place, place);
    last.set(key, { key, value: cutText(value, maxTagLength) });
  });
  return [...last.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const upsert = new RowInsert(
  "run_tags",
  { run_id: "text", key: "text", value: "text" },
  "on conflict (run_id, key) do update set value = excluded.value",
);

/** Stores tags that `checkedTags` has made, and names the run when the tag of its name is among them. */
export async function upsertTags(db: Queries, runId: string, tags: readonly Pair[]): Promise<void> {
  await insertTags(db, runId, tags);
  const name = tags.find(({ key }) => key === runNameTag)?.value;
  if (name !== undefined && name !== "")
    await db.updateTable("runs").set({ name }).where("id", "=", runId).execute();
}

/** Only the rows, of a run that has its name already. */
export async function insertTags(db: Queries, runId: string, tags: readonly Pair[]): Promise<void> {
  const rows = tags
    // An empty name would leave the run without one.
    .filter(({ key, value }) => key !== runNameTag || value !== "")
    .map(({ key, value }) => [runId, key, value]);
  await upsert.run(db, rows);
}

/** Throws `not_found` when the run has no such tag. */
export async function deleteTag(db: Queries, runId: string, key: string): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom("run_tags")
    .where("run_id", "=", runId)
    .where("key", "=", key)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw unknownTag(key, `run with id ${runId}`);
}
