import { setImmediate as nextTurn } from "node:timers/promises";
import type { RawBuilder, SqlBool } from "kysely";
import type { Queries } from "../../storage/database.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";

/** Traces of one step; grown and shrunk so that a step takes about as long as a turn may. */
const tracesPerStep = { least: 10, first: 100, most: 500 };
const turnMilliseconds = 8;

/**
 * The newest traces that meet both filters, at most `limit`. The costly one is asked of some traces at a time,
 * and other work gets its turn in between: SQLite answers on the thread that asks.
 */
export async function scanTraces(
  db: Queries,
  experimentIds: readonly string[],
  cheap: RawBuilder<SqlBool>,
  costly: RawBuilder<SqlBool>,
  limit: number,
): Promise<TraceTable[]> {
  const found: TraceTable[] = [];
  let size = tracesPerStep.first;
  let last: Pick<TraceTable, "started_at" | "id"> | undefined;
  while (found.length < limit) {
    const began = performance.now();
    const after = last;
    let step = db
      .selectFrom("traces")
      .select(["traces.id", "traces.started_at"])
      .where("traces.experiment_id", "in", experimentIds)
      .where(cheap);
    if (after !== undefined) {
      step = step.where((row) =>
        row.and([
          // The index begins with the time; the rest tells equal times apart.
          row("traces.started_at", "<=", after.started_at),
          row.or([row("traces.started_at", "<", after.started_at), row("traces.id", ">", after.id)]),
        ]),
      );
    }
    const ids = await step.orderBy("traces.started_at", "desc").orderBy("traces.id").limit(size).execute();
    last = ids.at(-1);
    if (last === undefined) break;
    const met = await db
      .selectFrom("traces")
      .selectAll("traces")
      .where(
        "traces.id",
        "in",
        ids.map(({ id }) => id),
      )
      .where(costly)
      .orderBy("traces.started_at", "desc")
      .orderBy("traces.id")
      .execute();
    found.push(...met);
    if (ids.length < size) break;
    const took = performance.now() - began;
    if (took > turnMilliseconds) size = Math.max(tracesPerStep.least, Math.floor(size / 2));
    else if (took < turnMilliseconds / 2) size = Math.min(tracesPerStep.most, size * 2);
    await nextTurn();
  }
  return found.slice(0, limit);
}
