import type { Queries } from "../storage/database.ts";

export interface EventRecord {
  kind: string;
  version: number | null;
  details?: Record<string, unknown>;
}

/** Writes one line of a model's history. */
export async function insertEvent(
  db: Queries,
  modelId: string,
  event: EventRecord,
  time: number,
): Promise<void> {
  await db
    .insertInto("model_events")
    .values({
      model_id: modelId,
      kind: event.kind,
      version: event.version,
      details: JSON.stringify(event.details ?? {}),
      created_at: time,
    })
    .execute();
}
