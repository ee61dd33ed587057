import { HearthError } from "../errors.ts";
import type { Database } from "../storage/database.ts";
import { requireActive } from "./run-state.ts";
import { checkedTags, upsertTags } from "./tags.ts";

/** The tag in which clients before MLflow 3 keep the models of a run, a list in JSON. */
const historyTag = "mlflow.log-model.history";

/**
 * Adds a model's description to the run's tag, as clients before MLflow 3 log models. When the tag's limit is
 * reached the oldest ones leave it: a cut JSON text would be of no use to anyone.
 */
export async function recordModel(
  database: Database,
  runId: string,
  model: Record<string, unknown>,
  limit: number,
): Promise<void> {
  await database.write(async (db) => {
    await requireActive(db, runId);
    const known = await db
      .selectFrom("run_tags")
      .select("value")
      .where("run_id", "=", runId)
      .where("key", "=", historyTag)
      .executeTakeFirst();
    const models = [...readList(known?.value), model];
    let value = JSON.stringify(models);
    while (value.length > limit && models.length > 1) {
      models.shift();
      value = JSON.stringify(models);
    }
    if (value.length > limit) {
      throw new HearthError(
        "invalid_request",
        `The description of the model has ${value.length} characters; a tag keeps ${limit}.`,
        { details: { field: "model_json", limit } },
      );
    }
    await upsertTags(db, runId, checkedTags([{ key: historyTag, value }]));
  });
}

/** Anyone may have set the tag to anything. */
function readList(text: string | undefined): unknown[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
