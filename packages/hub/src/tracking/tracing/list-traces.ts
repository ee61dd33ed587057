import type { Page } from "@hearth/wire/hub/common";
import type { SearchTracesQuery, TraceSummary } from "@hearth/wire/hub/traces";
import { sql } from "kysely";
import { contains } from "../../storage/contains.ts";
import type { Queries } from "../../storage/database.ts";
import { toIso } from "../../storage/instant.ts";
import type { InferenceTable } from "../../storage/tables/inference.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import { metadataNames } from "./names.ts";

const order = {
  started_at: sql.ref("traces.started_at"),
  duration_ms: sql.ref("traces.duration_ms"),
  ttft_ms: sql.ref("inferences.ttft_ms"),
  total_tokens: sql.ref("traces.total_tokens"),
  total_cost: sql.ref("traces.total_cost"),
} as const;

/** A page of all traces of the hub, whatever their experiment; what has no value to sort by comes last. */
export async function listTraces(db: Queries, query: SearchTracesQuery): Promise<Page<TraceSummary>> {
  const { page, page_size } = query;
  const { total } = await filtered(db, query)
    .select((row) => row.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const column = order[query.sort];
  const rows = await filtered(db, query)
    .selectAll("traces")
    .select(answerColumns)
    .orderBy(sql`case when ${column} is null then 1 else 0 end`)
    .orderBy(column, query.order)
    .orderBy("traces.id")
    .limit(page_size)
    .offset((page - 1) * page_size)
    .execute();
  const told = await toldBySpans(
    db,
    rows.filter((row) => row.model === null || row.name === null).map((row) => row.id),
  );
  const items = rows.map((row) => summaryOf(row, told.get(row.id)));
  return { items, total, page, page_size };
}

/** One of them; undefined when it is not there. */
export async function findSummary(db: Queries, id: string): Promise<TraceSummary | undefined> {
  const row = await db
    .selectFrom("traces")
    .leftJoin("inferences", "inferences.trace_id", "traces.id")
    .selectAll("traces")
    .select(answerColumns)
    .where("traces.id", "=", id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return summaryOf(row, (await toldBySpans(db, [id])).get(id));
}

const answerColumns = [
  "inferences.model",
  "inferences.version",
  "inferences.ttft_ms",
  "inferences.finish_reason",
  "inferences.error_code",
] as const;

function filtered(db: Queries, query: SearchTracesQuery) {
  let found = db.selectFrom("traces").leftJoin("inferences", "inferences.trace_id", "traces.id");
  if (query.state !== undefined) found = found.where("traces.state", "=", query.state);
  if (query.experiment_id !== undefined)
    found = found.where("traces.experiment_id", "=", query.experiment_id);
  if (query.run_id !== undefined) found = found.where(ofRun(query.run_id));
  if (query.since !== undefined) found = found.where("traces.started_at", ">=", Date.parse(query.since));
  if (query.until !== undefined) found = found.where("traces.started_at", "<", Date.parse(query.until));
  if (query.model !== undefined && query.model !== "") {
    const { model } = query;
    found = found.where((row) =>
      row.or([
        row("inferences.model", "=", model),
        row.exists(
          row
            .selectFrom("spans")
            .select("spans.span_id")
            .whereRef("spans.trace_id", "=", "traces.id")
            .where("spans.model_name", "=", model),
        ),
      ]),
    );
  }
  if (query.text !== undefined && query.text !== "") {
    const { text } = query;
    const columns = [
      "traces.id",
      "traces.name",
      "traces.request_preview",
      "traces.response_preview",
    ] as const;
    found = found.where((row) =>
      row.or([
        ...columns.map((column) => contains(column, text)),
        row.exists(
          row
            .selectFrom("spans")
            .select("spans.span_id")
            .whereRef("spans.trace_id", "=", "traces.id")
            .where("spans.parent_span_id", "is", null)
            .where(contains("spans.name", text)),
        ),
      ]),
    );
  }
  return found;
}

/** A trace is of a run when it was made in it, or linked to it later. */
function ofRun(runId: string) {
  return sql<boolean>`(exists (select 1 from trace_metadata where trace_metadata.trace_id = traces.id
    and trace_metadata.key = ${metadataNames.sourceRun} and trace_metadata.value = ${runId})
    or exists (select 1 from trace_runs where trace_runs.trace_id = traces.id and trace_runs.run_id = ${runId}))`;
}

/** What only the spans of a trace tell: the name of the root, and the first model that one names. */
interface ToldBySpans {
  name: string | null;
  model: string | null;
}

async function toldBySpans(db: Queries, ids: readonly string[]): Promise<Map<string, ToldBySpans>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("spans")
    .select(["trace_id", "parent_span_id", "name", "model_name"])
    .where("trace_id", "in", ids)
    .where((row) => row.or([row("model_name", "is not", null), row("parent_span_id", "is", null)]))
    .orderBy("start_ns")
    .execute();
  const told = new Map<string, ToldBySpans>();
  for (const row of rows) {
    const known = told.get(row.trace_id) ?? { name: null, model: null };
    told.set(row.trace_id, {
      name: known.name ?? (row.parent_span_id === null ? row.name : null),
      model: known.model ?? row.model_name,
    });
  }
  return told;
}

type SummaryRow = TraceTable & {
  [Name in "model" | "version" | "ttft_ms" | "finish_reason" | "error_code"]: InferenceTable[Name] | null;
};

function summaryOf(row: SummaryRow, told: ToldBySpans | undefined): TraceSummary {
  return {
    id: row.id,
    experiment_id: row.experiment_id,
    name: row.name ?? told?.name ?? null,
    state: row.state,
    started_at: toIso(row.started_at),
    duration_ms: row.duration_ms,
    ttft_ms: row.ttft_ms,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    cached_tokens: row.cache_read_input_tokens,
    total_cost: row.total_cost,
    model: row.model ?? told?.model ?? null,
    version: row.version,
    finish_reason: row.finish_reason,
    error_code: row.error_code,
    request_preview: row.request_preview,
    response_preview: row.response_preview,
  };
}
