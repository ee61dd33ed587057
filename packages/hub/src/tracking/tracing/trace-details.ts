import type { TraceAssessment, TraceDetails, TraceSpan } from "@hearth/wire/hub/traces";
import type { Queries } from "../../storage/database.ts";
import { toIso } from "../../storage/instant.ts";
import { noTrace } from "./errors.ts";
import { findSummary } from "./list-traces.ts";
import { metadataNames } from "./names.ts";
import { readSpans, readTraceInfo } from "./read-traces.ts";
import type { SpanContent } from "./span-content.ts";
import type { Assessment } from "./trace.ts";

/** More are no picture for a person, and megabytes for a browser. */
const mostSpans = 5_000;

/**
 * Everything that is known of one trace, its spans as far as they have come.
 *
 * @param id that of the trace (`tr-…`), or of the answer that it tells of (a UUID)
 * @throws HearthError `not_found`
 */
export async function traceDetails(db: Queries, id: string): Promise<TraceDetails> {
  const trace =
    (await findSummary(db, id)) ??
    (isUuid(id) ? await findSummary(db, `tr-${id.replaceAll("-", "")}`) : undefined);
  if (trace === undefined) throw noTrace(id);
  const info = await readTraceInfo(db, trace.id);
  const answer = await db
    .selectFrom("inferences")
    .select(["run_id", "artifact_sha256"])
    .where("trace_id", "=", trace.id)
    .executeTakeFirst();
  const { total } = await db
    .selectFrom("spans")
    .select((row) => row.fn.countAll<number>().as("total"))
    .where("trace_id", "=", trace.id)
    .executeTakeFirstOrThrow();
  const spans = await readSpans(db, trace.id, mostSpans);
  return {
    trace,
    metadata: info.metadata,
    tags: info.tags,
    assessments: info.assessments.filter(({ valid }) => valid).map(presentAssessment),
    run_id: answer?.run_id ?? info.metadata[metadataNames.sourceRun] ?? null,
    artifact_sha256: answer?.artifact_sha256 ?? null,
    answered_here: answer !== undefined,
    spans: spans.map(presentSpan),
    total_spans: total,
  };
}

function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

const statuses = { STATUS_CODE_UNSET: "UNSET", STATUS_CODE_OK: "OK", STATUS_CODE_ERROR: "ERROR" } as const;

function presentSpan(span: SpanContent): TraceSpan {
  return {
    span_id: span.span_id,
    parent_span_id: span.parent_span_id,
    name: span.name,
    status: statuses[span.status.code],
    status_message: span.status.message,
    start_ns: span.start_time_unix_nano,
    end_ns: span.end_time_unix_nano,
    attributes: span.attributes,
    events: span.events.map(({ name, time_unix_nano, attributes }) => ({
      name,
      time_ns: time_unix_nano,
      attributes,
    })),
  };
}

function presentAssessment(assessment: Assessment): TraceAssessment {
  const { id, name, kind, value, error, source, span_id, rationale, created_at } = assessment;
  return {
    id,
    name,
    kind,
    value,
    error: error === null ? null : (error.error_message ?? error.error_code),
    source_type: source.source_type,
    source_id: source.source_id,
    span_id,
    rationale,
    created_at: toIso(created_at),
  };
}
