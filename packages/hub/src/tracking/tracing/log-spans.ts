import { setImmediate as nextTurn } from "node:timers/promises";
import { spacedJson } from "../../lossless-json.ts";
import type { Attributes, Span } from "../../otlp/otlp.ts";
import type { Database, Queries } from "../../storage/database.ts";
import { RowInsert } from "../../storage/insert-rows.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import { isPostgres } from "./dialect.ts";
import { noExperiment } from "./errors.ts";
import { attributeNames, inTrackingStore, metadataNames, tagNames } from "./names.ts";
import { checkedTag, upsertPairs, type PairRow } from "./pairs.ts";
import { preview } from "./preview.ts";
import { attributeOf, textAttribute, toSpanRow, type SpanRow } from "./span-content.ts";
import { costColumns, sumCosts, sumTokens, type SpanAmounts } from "./usage.ts";

const rowsPerTurn = 100;
const maxSessionLength = 250;

export const spanInsert = new RowInsert(
  "spans",
  {
    trace_id: "text",
    span_id: "text",
    parent_span_id: "text",
    experiment_id: "text",
    name: "text",
    type: "text",
    status: "text",
    start_ns: "bigint",
    end_ns: "bigint",
    model_name: "text",
    model_provider: "text",
    token_usage: "text",
    input_cost: "double precision",
    output_cost: "double precision",
    total_cost: "double precision",
    content: "text",
  },
  `on conflict (trace_id, span_id) do update set
    parent_span_id = excluded.parent_span_id, name = excluded.name, type = excluded.type,
    status = excluded.status, start_ns = excluded.start_ns, end_ns = excluded.end_ns,
    model_name = excluded.model_name, model_provider = excluded.model_provider,
    token_usage = excluded.token_usage, input_cost = excluded.input_cost,
    output_cost = excluded.output_cost, total_cost = excluded.total_cost, content = excluded.content`,
);

/** The values of {@link spanInsert}, in its order. */
export function spanValues(row: SpanRow, experimentId: string): unknown[] {
  return [
    row.traceId,
    row.spanId,
    row.parentSpanId,
    experimentId,
    row.name,
    row.type,
    row.status,
    row.startNs,
    row.endNs,
    row.modelName,
    row.modelProvider,
    row.tokenUsage === null ? null : JSON.stringify(row.tokenUsage),
    row.cost?.["input_cost"] ?? null,
    row.cost?.["output_cost"] ?? null,
    row.cost?.["total_cost"] ?? null,
    row.content,
  ];
}

/**
 * Stores spans, new ones and those that came before, and what they tell of their traces. A trace that is not
 * there yet is made in the experiment; one that a client has finished keeps what the client said of it.
 * All of it is stored or nothing. Returns the ids of traces whose root has come.
 *
 * @throws HearthError `not_found` when a trace is to be made and the experiment does not exist.
 */
export async function logSpans(
  database: Database,
  experimentId: string,
  spans: readonly Span[],
): Promise<string[]> {
  const byTrace = new Map<string, Map<string, SpanRow>>();
  for (const [index, span] of spans.entries()) {
    if (index > 0 && index % rowsPerTurn === 0) await nextTurn();
    const row = toSpanRow(span);
    const known = byTrace.get(row.traceId);
    if (known === undefined) byTrace.set(row.traceId, new Map([[row.spanId, row]]));
    else known.set(row.spanId, row);
  }
  // Sorted, so that two writers of the same traces never wait for each other in a ring.
  const traces = [...byTrace].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await database.write(async (db) => {
    for (const [id, rows] of traces) await logTrace(db, experimentId, id, [...rows.values()]);
  });
  return traces
    .filter(([, rows]) => [...rows.values()].some((row) => row.parentSpanId === null))
    .map(([id]) => id);
}

async function logTrace(
  db: Queries,
  experimentId: string,
  id: string,
  rows: readonly SpanRow[],
): Promise<void> {
  const root = rows.find((row) => row.parentSpanId === null);
  const times = timesOf(rows);
  const state = root === undefined ? null : root.status === "ERROR" ? "ERROR" : "OK";
  const made = await makeTrace(db, experimentId, id, times, state ?? "IN_PROGRESS");
  const trace = await lockTrace(db, id);
  for (let start = 0; start < rows.length; start += rowsPerTurn) {
    if (start > 0) await nextTurn();
    const values = rows.slice(start, start + rowsPerTurn).map((row) => spanValues(row, trace.experiment_id));
    await spanInsert.run(db, values);
  }
  const change: Partial<TraceTable> = {
    ...(trace.finalized === 1 ? {} : laterTimes(trace, times)),
    ...((trace.state === "IN_PROGRESS" || trace.state === "STATE_UNSPECIFIED") && state !== null
      ? { state }
      : {}),
    ...previewsOf(trace, root),
    ...(await sums(db, trace, rows, made)),
  };
  const session = sessionOf(rows);
  if (trace.session_id === null && session !== null) change.session_id = session;
  const tags = root === undefined ? [] : tagsOf(root.attributes);
  const name = tags.findLast(([key]) => key === tagNames.traceName)?.[1];
  if (name !== undefined) change.name = name;
  if (Object.keys(change).length > 0) {
    await db.updateTable("traces").set(change).where("id", "=", id).execute();
  }
  const resource = rows.find((row) => Object.keys(row.resource).length > 0)?.resource ?? {};
  await upsertPairs(db, "trace_tags", [
    ...resourceTags(resource).map(([key, value]): PairRow => [id, key, value]),
    ...tags.filter(([key]) => key !== tagNames.traceName).map(([key, value]): PairRow => [id, key, value]),
    [id, tagNames.spansLocation, inTrackingStore],
  ]);
  const user = firstText(rows, "user.id");
  if (user !== null) {
    await db
      .insertInto("trace_metadata")
      .values({ trace_id: id, key: metadataNames.user, value: user })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

interface Times {
  startedAt: number;
  endedAt: number | null;
}

function timesOf(rows: readonly SpanRow[]): Times {
  const first = rows.reduce(
    (least, row) => (row.startNs < least ? row.startNs : least),
    rows[0]?.startNs ?? 0n,
  );
  const last = rows.reduce<bigint | null>(
    (most, row) => (row.endNs !== null && (most === null || row.endNs > most) ? row.endNs : most),
    null,
  );
  return {
    startedAt: Number(first / 1_000_000n),
    endedAt: last === null ? null : Number(last / 1_000_000n),
  };
}

function laterTimes(
  trace: Pick<TraceTable, "started_at" | "duration_ms">,
  times: Times,
): Partial<TraceTable> {
  const startedAt = Math.min(trace.started_at, times.startedAt);
  const known = trace.duration_ms === null ? null : trace.started_at + trace.duration_ms;
  const endedAt = times.endedAt === null ? known : Math.max(times.endedAt, known ?? times.endedAt);
  return { started_at: startedAt, duration_ms: endedAt === null ? null : endedAt - startedAt };
}

async function makeTrace(
  db: Queries,
  experimentId: string,
  id: string,
  times: Times,
  state: TraceTable["state"],
): Promise<boolean> {
  const known = await db.selectFrom("traces").select("id").where("id", "=", id).executeTakeFirst();
  if (known !== undefined) return false;
  const experiment = await db
    .selectFrom("experiments")
    .select("id")
    .where("id", "=", experimentId)
    .executeTakeFirst();
  if (experiment === undefined) throw noExperiment(experimentId);
  const made = await db
    .insertInto("traces")
    .values({
      ...emptyTrace,
      id,
      experiment_id: experimentId,
      started_at: times.startedAt,
      duration_ms: times.endedAt === null ? null : times.endedAt - times.startedAt,
      state,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return made !== undefined;
}

/** A trace of which nothing is known but its id. */
export const emptyTrace: Omit<TraceTable, "id" | "experiment_id" | "started_at" | "state"> = {
  duration_ms: null,
  name: null,
  client_request_id: null,
  request_preview: null,
  response_preview: null,
  session_id: null,
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  cache_read_input_tokens: null,
  cache_creation_input_tokens: null,
  cache_creation_input_tokens_above_1hr: null,
  input_cost: null,
  output_cost: null,
  total_cost: null,
  finalized: 0,
  told_tokens: 0,
  told_cost: 0,
};

/** SQLite has one writer at a time; PostgreSQL holds other writers of the trace until this one has committed. */
export async function lockTrace(db: Queries, id: string): Promise<TraceTable> {
  const query = db.selectFrom("traces").selectAll().where("id", "=", id);
  return await (isPostgres(db) ? query.forUpdate() : query).executeTakeFirstOrThrow();
}

function previewsOf(trace: TraceTable, root: SpanRow | undefined): Partial<TraceTable> {
  if (root === undefined) return {};
  const inputs = attributeOf(root.attributes, attributeNames.inputs);
  const outputs = attributeOf(root.attributes, attributeNames.outputs);
  return {
    ...(trace.request_preview === null && inputs !== undefined && inputs !== null
      ? { request_preview: preview(inputs, "user") }
      : {}),
    ...(trace.response_preview === null && outputs !== undefined && outputs !== null
      ? { response_preview: preview(outputs, "assistant") }
      : {}),
  };
}

/** Tokens and costs over all spans of the trace, unless a client has told them. */
async function sums(
  db: Queries,
  trace: TraceTable,
  rows: readonly SpanRow[],
  made: boolean,
): Promise<Partial<TraceTable>> {
  const tellsTokens = trace.told_tokens === 0 && rows.some((row) => row.tokenUsage !== null);
  const tellsCosts = trace.told_cost === 0 && rows.some((row) => row.cost !== null);
  if (!tellsTokens && !tellsCosts) return {};
  const all = made ? rows.map(amountsOfRow) : await storedAmounts(db, trace.id);
  const tokens = tellsTokens
    ? sumTokens(all.map(({ tokens: amounts, ...span }) => ({ ...span, amounts })))
    : null;
  const costs = tellsCosts
    ? sumCosts(all.map(({ costs: amounts, ...span }) => ({ ...span, amounts })))
    : null;
  const whole = Object.entries(tokens ?? {}).filter(([, count]) => Number.isSafeInteger(count));
  return { ...Object.fromEntries(whole), ...costs };
}

type StoredAmounts = Omit<SpanAmounts, "amounts"> & {
  tokens: SpanAmounts["amounts"];
  costs: SpanAmounts["amounts"];
};

function amountsOfRow(row: SpanRow): StoredAmounts {
  return { spanId: row.spanId, parentSpanId: row.parentSpanId, tokens: row.tokenUsage, costs: row.cost };
}

async function storedAmounts(db: Queries, traceId: string): Promise<StoredAmounts[]> {
  const stored = await db
    .selectFrom("spans")
    .select(["span_id", "parent_span_id", "token_usage", ...costColumns])
    .where("trace_id", "=", traceId)
    .execute();
  return stored.map((row) => {
    const costs = costColumns.flatMap((column) => {
      const cost = row[column];
      return cost === null ? [] : [[column, cost] as const];
    });
    return {
      spanId: row.span_id,
      parentSpanId: row.parent_span_id,
      tokens: row.token_usage === null ? null : (JSON.parse(row.token_usage) as SpanAmounts["amounts"]),
      costs: costs.length === 0 ? null : Object.fromEntries(costs),
    };
  });
}

function sessionOf(rows: readonly SpanRow[]): string | null {
  const session = firstText(rows, "session.id") ?? firstText(rows, "gen_ai.conversation.id");
  return session === null ? null : session.slice(0, maxSessionLength).toWellFormed();
}

function firstText(rows: readonly SpanRow[], name: string): string | null {
  for (const row of rows) {
    const value = textAttribute(row.attributes, name);
    if (value !== null && value !== "") return value;
  }
  return null;
}

/** Tags that the root span carries for its trace. One that is no valid tag is only an attribute. */
function tagsOf(attributes: Attributes): [string, string][] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    name.startsWith(attributeNames.traceTag)
      ? validTag(name.slice(attributeNames.traceTag.length), value)
      : [],
  );
}

/** What the resource says of the process; not of its tracing library, and never in MLflow's own names. */
function resourceTags(resource: Attributes): [string, string][] {
  return Object.entries(resource).flatMap(([name, value]) =>
    name.startsWith("telemetry.sdk.") || name.startsWith("mlflow.") ? [] : validTag(name, value),
  );
}

function validTag(key: string, value: Attributes[string]): [string, string][] {
  try {
    return [checkedTag(key, typeof value === "string" ? value : spacedJson(value))];
  } catch {
    // Attributes may have names that tags may not; the span keeps it.
    return [];
  }
}
