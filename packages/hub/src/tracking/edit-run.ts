import type { changeRunRequest } from "@hearth/wire/hub/run-details";
import type { z } from "zod";
import type { Database } from "../storage/database.ts";
import { requireActive } from "./run-state.ts";
import { checkedTags, runNameTag, upsertTags } from "./tags.ts";

/** The tag that MLflow's clients and pages keep a description in, as Markdown. */
const descriptionTag = "mlflow.note.content";

/**
 * Changes what a person says of a run: all of it or nothing. That a tag to remove is gone already is fine.
 *
 * @throws HearthError `not_found`, `invalid_request` for a bad key or a run that is deleted
 */
export async function editRun(
  database: Database,
  runId: string,
  { name, description, tags = {} }: z.output<typeof changeRunRequest>,
): Promise<void> {
  const wanted = new Map(Object.entries(tags));
  if (description !== undefined) wanted.set(descriptionTag, description === "" ? null : description);
  if (name !== undefined) wanted.set(runNameTag, name);
  const kept = [...wanted].flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
  const removed = [...wanted].flatMap(([key, value]) => (value === null ? [key] : []));
  const checked = checkedTags(kept);
  await database.write(async (db) => {
    await requireActive(db, runId);
    await upsertTags(db, runId, checked);
    if (removed.length > 0)
      await db.deleteFrom("run_tags").where("run_id", "=", runId).where("key", "in", removed).execute();
  });
}
