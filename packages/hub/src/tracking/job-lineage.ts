import type { RunLineage } from "@hearth/wire/hub/run-details";
import { z } from "zod";
import type { Queries } from "../storage/database.ts";

/** What of a version's lineage tells of the program that made it. */
const programOf = z.object({
  code: z.object({ commit: z.string().nullable(), dirty: z.boolean().nullable() }),
  environment: z.record(z.string(), z.string()),
});

/** Code and programs that a version was made with; nothing of one that is not there. */
export async function lineageOf(
  db: Queries,
  versionId: string | undefined,
): Promise<Pick<RunLineage, "code" | "environment">> {
  if (versionId === undefined) return { code: null, environment: {} };
  const row = await db
    .selectFrom("model_versions")
    .select("lineage")
    .where("id", "=", versionId)
    .executeTakeFirst();
  return row === undefined ? { code: null, environment: {} } : programOf.parse(JSON.parse(row.lineage));
}
