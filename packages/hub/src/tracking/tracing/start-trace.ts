import { randomUUID } from "node:crypto";
import { HearthError } from "../../errors.ts";
import { storableText } from "../../storage/storable-text.ts";
import type { Database, Queries } from "../../storage/database.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import { insertAssessment, type NewAssessment } from "./assessments.ts";
import { invalid, noExperiment, noTrace } from "./errors.ts";
import { metadataNames, tagNames } from "./names.ts";
import { checkedMetadata, checkedTag, upsertPairs } from "./pairs.ts";
import { columnsOfMetadata, reservedMetadata } from "./reserved-metadata.ts";
import { emptyTrace, lockTrace } from "./trace-row.ts";
import type { TraceState } from "./trace.ts";

/** A trace as a client tells it; spans come by themselves. */
export interface StartTrace {
  id: string;
  experimentId: string;
  startedAt: number;
  durationMs: number | null;
  state: TraceState;
  clientRequestId: string | null;
  requestPreview: string | null;
  responsePreview: string | null;
  metadata: ReadonlyMap<string, string>;
  tags: ReadonlyMap<string, string>;
  assessments: readonly NewAssessment[];
}

const maxIdLength = 250;
const maxNameLength = 4096;

/**
 * Stores what a client says of a whole trace, over what its spans have told before. From then on spans do not
 * change its times.
 *
 * @throws HearthError `not_found` without the experiment, `invalid_request` when that is deleted.
 */
export async function startTrace(database: Database, request: StartTrace): Promise<void> {
  if (request.id === "" || request.id.length > maxIdLength || request.id.includes("\0"))
    throw invalid(`A trace_id has 1 to ${maxIdLength} characters; found '${request.id.slice(0, 60)}'.`);
  const parts = partsOf(request.id, request.metadata, request.tags);
  await database.write(async (db) => {
    await requireActiveExperiment(db, request.experimentId);
    const told: Partial<TraceTable> = {
      experiment_id: request.experimentId,
      started_at: request.startedAt,
      duration_ms: request.durationMs,
      state: request.state,
      client_request_id: storableOrNull(request.clientRequestId),
      finalized: 1,
      ...parts.columns,
      ...(request.requestPreview === null ? {} : { request_preview: storableText(request.requestPreview) }),
      ...(request.responsePreview === null
        ? {}
        : { response_preview: storableText(request.responsePreview) }),
    };
    await db
      .insertInto("traces")
      .values({ ...emptyTrace, ...told, ...identityOf(request) })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(told))
      .execute();
    await db
      .updateTable("spans")
      .set({ experiment_id: request.experimentId })
      .where("trace_id", "=", request.id)
      .where("experiment_id", "!=", request.experimentId)
      .execute();
    await parts.store(db);
    for (const assessment of request.assessments) {
      await insertAssessment(db, { ...assessment, traceId: request.id });
    }
  });
}

/** What an early client of MLflow says at the start of a trace; returns its new id. */
export async function beginTrace(
  database: Database,
  request: Pick<StartTrace, "experimentId" | "startedAt" | "metadata" | "tags">,
): Promise<string> {
  const id = randomUUID().replaceAll("-", "");
  const parts = partsOf(id, request.metadata, request.tags);
  await database.write(async (db) => {
    await requireActiveExperiment(db, request.experimentId);
    await db
      .insertInto("traces")
      .values({
        ...emptyTrace,
        id,
        experiment_id: request.experimentId,
        started_at: request.startedAt,
        state: "IN_PROGRESS",
        ...parts.columns,
      })
      .execute();
    await parts.store(db);
  });
  return id;
}

/** … and at its end. */
export async function endTrace(
  database: Database,
  id: string,
  request: Pick<StartTrace, "state" | "metadata" | "tags"> & { endedAt: number },
): Promise<void> {
  const parts = partsOf(id, request.metadata, request.tags);
  await database.write(async (db) => {
    const known = await db.selectFrom("traces").select("id").where("id", "=", id).executeTakeFirst();
    if (known === undefined) throw noTrace(id);
    const trace = await lockTrace(db, id);
    await db
      .updateTable("traces")
      .set({ state: request.state, duration_ms: request.endedAt - trace.started_at, ...parts.columns })
      .where("id", "=", id)
      .execute();
    await parts.store(db);
  });
}

function identityOf(request: StartTrace): Pick<TraceTable, "id" | "experiment_id" | "started_at" | "state"> {
  return {
    id: request.id,
    experiment_id: request.experimentId,
    started_at: request.startedAt,
    state: request.state,
  };
}

/** Where each tag and metadata entry goes: a column of the trace, or a row of its own. */
function partsOf(id: string, metadata: ReadonlyMap<string, string>, tags: ReadonlyMap<string, string>) {
  const columns: Partial<TraceTable> = columnsOfMetadata(metadata);
  const name = tags.get(tagNames.traceName);
  if (name !== undefined) columns.name = checkedName(name);
  const tagRows = [...tags]
    .filter(([key]) => key !== tagNames.traceName)
    .map(([key, value]) => [id, ...checkedTag(key, value)] as const);
  const metadataRows = [...metadata]
    .filter(([key]) => !reservedMetadata.has(key) && key !== metadataNames.finalized)
    .map(([key, value]) => [id, ...checkedMetadata(key, value)] as const);
  const store = async (db: Queries): Promise<void> => {
    await upsertPairs(db, "trace_tags", tagRows);
    await upsertPairs(db, "trace_metadata", metadataRows);
  };
  return { columns, store };
}

export function checkedName(name: string): string {
  if (name.length > maxNameLength) {
    throw invalid(
      `'Trace name' exceeds the maximum length of ${maxNameLength} characters; it has ${name.length}.`,
    );
  }
  return storableText(name);
}

async function requireActiveExperiment(db: Queries, id: string): Promise<void> {
  const experiment = await db
    .selectFrom("experiments")
    .select("lifecycle_stage")
    .where("id", "=", id)
    .executeTakeFirst();
  if (experiment === undefined) throw noExperiment(id);
  if (experiment.lifecycle_stage !== "active") {
    throw new HearthError(
      "invalid_request",
      `The experiment ${id} must be in the 'active' state. Current state is deleted.`,
    );
  }
}

function storableOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}
