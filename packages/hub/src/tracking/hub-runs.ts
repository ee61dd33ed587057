import type { Page } from "@hearth/wire/hub/common";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import type { Run } from "@hearth/wire/hub/tracking";
import type { Queries } from "../storage/database.ts";
import { toIso, toIsoOrNull } from "../storage/instant.ts";
import { readRuns } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";

/** A run as the hub's own API shows it. */
export function hubRun(run: RunRecord): Run {
  return {
    id: run.id,
    experiment_id: run.experimentId,
    name: run.name,
    kind: run.kind,
    status: run.status,
    // Keys come from outside: with fromEntries `__proto__` is a key like any other.
    params: Object.fromEntries(run.params.map(({ key, value }) => [key, value])),
    tags: Object.fromEntries(run.tags.map(({ key, value }) => [key, value])),
    metrics: Object.fromEntries(
      run.metrics.map(({ key, value }) => [key, Number.isNaN(value) ? null : value]),
    ),
    started_at: toIso(run.startedAt),
    ended_at: toIsoOrNull(run.endedAt),
  };
}

/** A run with everything that is said of itself. */
export function runDetails(run: RunRecord): RunDetails {
  return {
    ...hubRun(run),
    user_id: run.userId,
    lifecycle_stage: run.lifecycleStage,
    artifact_uri: run.artifactUri,
    latest_steps: Object.fromEntries(run.metrics.map(({ key, step }) => [key, step])),
  };
}

export interface RunList {
  page: number;
  page_size: number;
  experimentId?: string;
  kind?: Run["kind"];
  status?: Run["status"];
}

/** Runs that are not deleted, the newest first. */
export async function listRuns(
  db: Queries,
  { page, page_size, experimentId, kind, status }: RunList,
): Promise<Page<Run>> {
  let query = db.selectFrom("runs").where("lifecycle_stage", "=", "active");
  if (experimentId !== undefined) query = query.where("experiment_id", "=", experimentId);
  if (kind !== undefined) query = query.where("kind", "=", kind);
  if (status !== undefined) query = query.where("status", "=", status);
  const { total } = await query
    .select((row) => row.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await query
    .select("id")
    .orderBy("started_at", "desc")
    .orderBy("id")
    .limit(page_size)
    .offset((page - 1) * page_size)
    .execute();
  const found = await readRuns(
    db,
    rows.map(({ id }) => id),
  );
  return { items: found.map(hubRun), total, page, page_size };
}
