import { setImmediate as nextTurn } from "node:timers/promises";
import { HearthError } from "../../errors.ts";
import type { Queries } from "../../storage/database.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import { assessmentsOf } from "./assessments.ts";
import { noTrace } from "./errors.ts";
import { inTrackingStore, metadataNames, tagNames } from "./names.ts";
import { metadataOfColumns } from "./reserved-metadata.ts";
import { parseSpanContent, type SpanContent } from "./span-content.ts";
import type { TraceInfo } from "./trace.ts";

/** A trace with all its spans, the root first, then by their start. */
export interface TraceWithSpans {
  info: TraceInfo;
  spans: SpanContent[];
}

/** Ids in one statement: below SQLite's limit, and a few ms of work. */
const idsPerStatement = 500;
const turnMilliseconds = 5;

/** In the order of the rows. */
export async function presentTraces(db: Queries, rows: readonly TraceTable[]): Promise<TraceInfo[]> {
  const infos: TraceInfo[] = [];
  for (let start = 0; start < rows.length; start += idsPerStatement) {
    if (start > 0) await nextTurn();
    infos.push(...(await presentSome(db, rows.slice(start, start + idsPerStatement))));
  }
  return infos;
}

async function presentSome(db: Queries, rows: readonly TraceTable[]): Promise<TraceInfo[]> {
  const ids = rows.map((row) => row.id);
  const pairsOf = async (table: "trace_tags" | "trace_metadata") =>
    Map.groupBy(
      await db
        .selectFrom(table)
        .selectAll()
        .where("trace_id", "in", ids)
        .orderBy("trace_id")
        .orderBy("key")
        .execute(),
      (pair) => pair.trace_id,
    );
  const tags = await pairsOf("trace_tags");
  const metadata = await pairsOf("trace_metadata");
  const assessments = await assessmentsOf(db, ids);
  const roots = await artifactRoots(db, new Set(rows.map((row) => row.experiment_id)));
  return rows.map((row) => ({
    id: row.id,
    experiment_id: row.experiment_id,
    client_request_id: row.client_request_id,
    started_at: row.started_at,
    duration_ms: row.duration_ms,
    state: row.state,
    request_preview: row.request_preview,
    response_preview: row.response_preview,
    metadata: Object.fromEntries([
      ...(metadata.get(row.id) ?? []).map(({ key, value }) => [key, value] as const),
      ...metadataOfColumns(row),
    ]),
    tags: Object.fromEntries([
      [tagNames.artifactLocation, `${roots.get(row.experiment_id) ?? ""}/traces/${row.id}/artifacts`],
      ...(tags.get(row.id) ?? []).map(({ key, value }) => [key, value] as const),
      ...(row.name === null ? [] : [[tagNames.traceName, row.name] as const]),
    ]),
    assessments: assessments.get(row.id) ?? [],
  }));
}

/** Where the files of an experiment's traces are: clients put there what does not fit a span. */
async function artifactRoots(db: Queries, experimentIds: ReadonlySet<string>): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom("experiments")
    .select(["id", "artifact_location"])
    .where("id", "in", [...experimentIds])
    .execute();
  return new Map(
    rows.map((row) => [row.id, (row.artifact_location ?? `mlflow-artifacts:/${row.id}`).replace(/\/+$/, "")]),
  );
}

export async function readTraceInfo(db: Queries, id: string): Promise<TraceInfo> {
  const [info] = await readTraceInfos(db, [id], null);
  if (info === undefined) throw noTrace(id);
  return info;
}

/** In the order of the ids; those that are not there, or not in the experiments, are left out. */
export async function readTraceInfos(
  db: Queries,
  ids: readonly string[],
  experimentIds: readonly string[] | null,
): Promise<TraceInfo[]> {
  const unique = [...new Set(ids)];
  const rows = new Map<string, TraceTable>();
  for (let start = 0; start < unique.length; start += idsPerStatement) {
    const some = unique.slice(start, start + idsPerStatement);
    const found = await db.selectFrom("traces").selectAll().where("id", "in", some).execute();
    for (const row of found) {
      if (experimentIds === null || experimentIds.includes(row.experiment_id)) rows.set(row.id, row);
    }
  }
  return await presentTraces(
    db,
    unique.flatMap((id) => rows.get(id) ?? []),
  );
}

/**
 * A trace with its spans.
 *
 * @param allowPartial whether it may be given before all the spans that its client counted have come
 * @throws HearthError `not_found`; `invalid_request` when the client has put the spans elsewhere.
 */
export async function readTrace(db: Queries, id: string, allowPartial: boolean): Promise<TraceWithSpans> {
  const [info] = await readTraceInfos(db, [id], null);
  if (info === undefined) throw new HearthError("not_found", `Trace with ID ${id} is not found.`);
  if (info.tags[tagNames.spansLocation] !== inTrackingStore) {
    throw new HearthError(
      "invalid_request",
      `Trace data not stored in tracking store: the spans of ${id} are in the artifact traces.json.`,
      { details: { mlflow_code: "BAD_REQUEST" } },
    );
  }
  const spans = await readSpans(db, id);
  if (!allowPartial && (spans.length === 0 || spans.length < announcedSpans(info))) {
    throw new HearthError(
      "not_found",
      `Trace with ID ${id} is not fully exported yet, please try again later.`,
    );
  }
  return { info, spans };
}

/** Those traces whose spans are all here. */
export async function readWholeTraces(
  db: Queries,
  ids: readonly string[],
  experimentIds: readonly string[] | null,
): Promise<TraceWithSpans[]> {
  const whole: TraceWithSpans[] = [];
  for (const info of await readTraceInfos(db, ids, experimentIds)) {
    if (info.tags[tagNames.spansLocation] !== inTrackingStore) continue;
    const spans = await readSpans(db, info.id);
    if (spans.length > 0 && spans.length >= announcedSpans(info)) whole.push({ info, spans });
    await nextTurn();
  }
  return whole;
}

/** The root first, then by their start; the first `limit` of them. */
export async function readSpans(db: Queries, traceId: string, limit?: number): Promise<SpanContent[]> {
  const rows = await db
    .selectFrom("spans")
    .select("content")
    .where("trace_id", "=", traceId)
    .orderBy((row) => row("parent_span_id", "is not", null))
    .orderBy("start_ns")
    .orderBy("span_id")
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
  const spans: SpanContent[] = [];
  let turnEnds = performance.now() + turnMilliseconds;
  for (const row of rows) {
    spans.push(parseSpanContent(row.content));
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    turnEnds = performance.now() + turnMilliseconds;
  }
  return spans;
}

/** How many spans the client that made the trace has counted. */
function announcedSpans(info: TraceInfo): number {
  const text = info.metadata[metadataNames.sizeStats];
  if (text === undefined) return 0;
  try {
    const stats: unknown = JSON.parse(text);
    const count =
      typeof stats === "object" && stats !== null && "num_spans" in stats ? stats.num_spans : undefined;
    return typeof count === "number" ? count : 0;
  } catch {
    // A client's text; without a count nothing is announced.
    return 0;
  }
}
