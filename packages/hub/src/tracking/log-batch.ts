import { HearthError } from "../errors.ts";
import type { Database } from "../storage/database.ts";
import { insertModelMetrics, type ModelPoint } from "./logged-models/metrics.ts";
import { insertMetrics } from "./metrics/insert.ts";
import { storedPoint } from "./metrics/points.ts";
import { checkedParams, insertParams, type Pair } from "./params.ts";
import { requireActive } from "./run-state.ts";
import { checkedTags, upsertTags } from "./tags.ts";

export interface Batch {
  /** Those that name a logged model are stored with it, too. */
  metrics: readonly ModelPoint[];
  params: readonly Pair[];
  tags: readonly Pair[];
}

const limits = { metrics: 1000, params: 100, tags: 100 } as const;
const limitInAll = 1000;

/**
 * Everything of a batch or nothing of it. Resolves when it is on disk.
 *
 * @throws HearthError `invalid_request`, `not_found`, or `conflict` when a parameter would change
 */
export async function logBatch(database: Database, runId: string, batch: Batch): Promise<void> {
  checkSizes(batch);
  const points = batch.metrics.map((point, index) => storedPoint(point, `metrics[${index}]`));
  const params = checkedParams(batch.params);
  const tags = checkedTags(batch.tags);
  await database.write(async (db) => {
    await requireActive(db, runId);
    await insertParams(db, runId, params);
    if (points.length > 0) await insertMetrics(db, [{ runId, points }]);
    await insertModelMetrics(db, runId, batch.metrics);
    if (tags.length > 0) await upsertTags(db, runId, tags);
  });
}

function checkSizes(batch: Batch): void {
  let total = 0;
  for (const [noun, limit] of Object.entries(limits)) {
    const { length } = batch[noun as keyof Batch];
    if (length > limit) throw tooMany(noun, limit, length);
    total += length;
  }
  if (total > limitInAll) throw tooMany("metrics, params, and tags", limitInAll, total);
}

function tooMany(noun: string, limit: number, found: number): HearthError {
  return new HearthError(
    "invalid_request",
    `A batch logging request can contain at most ${limit} ${noun}. Got ${found} ${noun}. ` +
      `Please split up ${noun} across multiple requests and try again.`,
    { details: { limit, found } },
  );
}
