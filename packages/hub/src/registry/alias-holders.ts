import { z } from "zod";
import type { Queries } from "../storage/database.ts";

const moved = z.object({ alias: z.string(), rollback: z.boolean().optional() });

/**
 * The versions that an alias has named, the earliest first and the one it names now last, as its moves in the model's
 * history tell. A step back takes away what was stepped back from, so that stepping back twice leads two steps back and
 * not to and fro; a removed alias begins anew.
 */
export async function aliasHolders(db: Queries, modelId: string, alias: string): Promise<number[]> {
  const events = await db
    .selectFrom("model_events")
    .select(["kind", "version", "details"])
    .where("model_id", "=", modelId)
    .where("kind", "in", ["promoted", "rolled_back", "alias_removed"])
    .orderBy("id")
    .execute();
  let holders: number[] = [];
  for (const { kind, version, details } of events) {
    const about = moved.safeParse(JSON.parse(details));
    if (!about.success || about.data.alias !== alias || version === null) continue;
    if (kind === "alias_removed") holders = [];
    else {
      const before = about.data.rollback === true ? holders.lastIndexOf(version) : -1;
      holders = before === -1 ? [...holders, version] : holders.slice(0, before + 1);
    }
  }
  return holders;
}
