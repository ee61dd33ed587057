import { sql } from "kysely";
import { openDatabase } from "../../packages/hub/src/storage/database.ts";
import { createRuns } from "../../packages/hub/src/tracking/runs.ts";
import { epoch, metricsPerRun, paramsPerRun, paramValue, valueAt } from "./requests.ts";

/** Runs that share a transaction. */
const together = 1000;

/**
 * Puts `count` runs as `runContentBody` describes them into a hub's SQLite file, through the same room as the API
 * but in large transactions: over HTTP, each run durable by itself, 100,000 would take many minutes.
 */
export async function fillRunsBeside(path: string, experimentId: string, count: number): Promise<void> {
  await using database = await openDatabase({ kind: "sqlite", path });
  // The indexes are written all over: pages that do not stay in memory are written again for each transaction.
  await sql`pragma cache_size = -1000000`.execute(database.db);
  const runs = createRuns({ database });
  for (let start = 0; start < count; start += together) {
    await database.transaction(async () => {
      for (let index = start; index < Math.min(count, start + together); index += 1) {
        const run = await runs.startRun({ experimentId, startedAt: epoch + index, params: [], tags: [] });
        await runs.logBatch(run.id, contentOf(index));
      }
    });
  }
}

function contentOf(index: number) {
  return {
    params: Array.from({ length: paramsPerRun }, (_, key) => ({
      key: `p${key}`,
      value: paramValue(index, key),
    })),
    metrics: Array.from({ length: metricsPerRun }, (_, key) => ({
      key: `m${key}`,
      value: valueAt(index * metricsPerRun + key),
      timestamp: epoch + index,
      step: 0,
    })),
    tags: [],
  };
}
