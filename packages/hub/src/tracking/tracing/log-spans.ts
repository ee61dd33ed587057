import { setImmediate as nextTurn } from "node:timers/promises";
import type { Span } from "../../otlp/otlp.ts";
import type { Database, Queries } from "../../storage/database.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import { noExperiment } from "./errors.ts";
import { attributeNames, inTrackingStore, metadataNames, tagNames } from "./names.ts";
import { upsertPairs, type PairRow } from "./pairs.ts";
import { preview } from "./preview.ts";
import { attributeOf, textAttribute, toSpanRow, type SpanRow } from "./span-content.ts";
import { spanInsert, spanValues } from "./span-rows.ts";
import { resourceTags, tagsOf } from "./span-tags.ts";
import { emptyTrace, lockTrace } from "./trace-row.ts";
import { sums } from "./trace-sums.ts";

const rowsPerTurn = 100;
const maxSessionLength = 250;

/** One commit writes this many at most: nothing else runs while it is brought to disk. */
const rowsPerTransaction = 500;

/** The spans of one trace that came together, each once. */
interface TraceSpans {
  id: string;
  rows: SpanRow[];
}

/**
 * Stores spans, new ones and those that came before, and what they tell of their traces. A trace that is not
 * there yet is made in the experiment; one that a client has finished keeps what the client said of it. Up to
 * some hundred spans are stored together or not at all; of more, the first may be stored when an error ends it,
 * and sending them again is right. Returns the ids of traces whose root has come.
 *
 * @throws HearthError `not_found` when a trace is to be made and the experiment does not exist.
 */
export async function logSpans(
  database: Database,
  experimentId: string,
  spans: readonly Span[],
): Promise<string[]> {
  const traces = await rowsByTrace(spans);
  for (const group of inGroups(traces)) {
    const [first] = group;
    if (group.length === 1 && first !== undefined && first.rows.length > rowsPerTransaction) {
      await logLargeTrace(database, experimentId, first);
    } else {
      await database.write(async (db) => {
        for (const trace of group) {
          const made = await makeTrace(db, experimentId, trace);
          const known = await lockTrace(db, trace.id);
          await insertSpans(db, known, trace.rows);
          await updateTrace(db, known, trace.rows, made);
        }
      });
    }
  }
  return traces.filter(({ rows }) => rows.some((row) => row.parentSpanId === null)).map(({ id }) => id);
}

async function logLargeTrace(database: Database, experimentId: string, trace: TraceSpans): Promise<void> {
  const made = await database.write((db) => makeTrace(db, experimentId, trace));
  for (let start = 0; start < trace.rows.length; start += rowsPerTransaction) {
    const rows = trace.rows.slice(start, start + rowsPerTransaction);
    await database.write(async (db) => insertSpans(db, await lockTrace(db, trace.id), rows));
  }
  await database.write(async (db) => updateTrace(db, await lockTrace(db, trace.id), trace.rows, made));
}

/** Sorted, so that two writers of the same traces never wait for each other in a ring. */
async function rowsByTrace(spans: readonly Span[]): Promise<TraceSpans[]> {
  const byTrace = new Map<string, Map<string, SpanRow>>();
  for (const [index, span] of spans.entries()) {
    if (index > 0 && index % rowsPerTurn === 0) await nextTurn();
    const row = toSpanRow(span);
    const known = byTrace.get(row.traceId);
    if (known === undefined) byTrace.set(row.traceId, new Map([[row.spanId, row]]));
    else known.set(row.spanId, row);
  }
  return [...byTrace]
    .map(([id, rows]) => ({ id, rows: [...rows.values()] }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Traces that fit one transaction together; a larger one is by itself. */
function inGroups(traces: readonly TraceSpans[]): TraceSpans[][] {
  const groups: TraceSpans[][] = [];
  let size = Infinity;
  for (const trace of traces) {
    if (size + trace.rows.length > rowsPerTransaction) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(trace);
    size += trace.rows.length;
  }
  return groups;
}

async function insertSpans(db: Queries, trace: TraceTable, rows: readonly SpanRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerTurn) {
    if (start > 0) await nextTurn();
    const values = rows.slice(start, start + rowsPerTurn).map((row) => spanValues(row, trace.experiment_id));
    await spanInsert.run(db, values);
  }
}

/** What the spans tell of their trace. */
async function updateTrace(
  db: Queries,
  trace: TraceTable,
  rows: readonly SpanRow[],
  made: boolean,
): Promise<void> {
  const { id } = trace;
  const root = rows.find((row) => row.parentSpanId === null);
  const state = stateOf(root);
  const change: Partial<TraceTable> = {
    ...(trace.finalized === 1 ? {} : laterTimes(trace, timesOf(rows))),
    ...((trace.state === "IN_PROGRESS" || trace.state === "STATE_UNSPECIFIED") && state !== "IN_PROGRESS"
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

/** A trace ends with its root span. */
function stateOf(root: SpanRow | undefined): TraceTable["state"] {
  if (root === undefined) return "IN_PROGRESS";
  return root.status === "ERROR" ? "ERROR" : "OK";
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

/** False when it was there. */
async function makeTrace(db: Queries, experimentId: string, { id, rows }: TraceSpans): Promise<boolean> {
  const known = await db.selectFrom("traces").select("id").where("id", "=", id).executeTakeFirst();
  if (known !== undefined) return false;
  const experiment = await db
    .selectFrom("experiments")
    .select("id")
    .where("id", "=", experimentId)
    .executeTakeFirst();
  if (experiment === undefined) throw noExperiment(experimentId);
  const times = timesOf(rows);
  const made = await db
    .insertInto("traces")
    .values({
      ...emptyTrace,
      id,
      experiment_id: experimentId,
      started_at: times.startedAt,
      duration_ms: times.endedAt === null ? null : times.endedAt - times.startedAt,
      state: stateOf(rows.find((row) => row.parentSpanId === null)),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return made !== undefined;
}

function previewsOf(trace: TraceTable, root: SpanRow | undefined): Partial<TraceTable> {
  if (root === undefined) return {};
  const shown = (name: string, role: "user" | "assistant"): string | null => {
    const value = attributeOf(root.attributes, name);
    if (value === undefined || value === null) return null;
    const given = attributeOf(root.givenAttributes, name);
    // A text that holds a JSON text has two pairs of quotes; the JSON of it has one, as in MLflow.
    return typeof given === "string" && typeof value !== "string"
      ? preview(value, role, given)
      : preview(value, role);
  };
  const request = trace.request_preview === null ? shown(attributeNames.inputs, "user") : null;
  const response = trace.response_preview === null ? shown(attributeNames.outputs, "assistant") : null;
  return {
    ...(request === null ? {} : { request_preview: request }),
    ...(response === null ? {} : { response_preview: response }),
  };
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
