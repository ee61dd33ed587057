import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { Page } from "@hearth/wire/hub/common";
import type { Trace } from "@hearth/wire/hub/inference";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";
import type { InferenceTable } from "../storage/tables/inference.ts";
import { boundedContent, type AnswerContent, type RecordedAnswer } from "./tracing/answer-content.ts";
import { attributeNames } from "./tracing/names.ts";
import { parseSpanContent } from "./tracing/span-content.ts";
import { insertAnswers } from "./tracing/answer-traces.ts";

/** One answered inference; `created_at` in ms since the epoch, default now. */
export type TraceRecord = Omit<Trace, "id" | "created_at" | "content"> & {
  id?: string;
  created_at?: number;
  content?: AnswerContent;
};

export interface TraceQuery {
  page: number;
  page_size: number;
  model?: string;
  version_id?: string;
  status?: Trace["status"];
}

/** Records of inferences. Writing never makes a request wait: rows are collected for at most 50 ms. */
export interface Traces extends AsyncDisposable {
  /** Returns the trace's id at once; the row is on disk at most 50 ms later. */
  record(trace: TraceRecord): string;
  /** Resolves when everything recorded so far is on disk. Not for inside a transaction: it would wait for itself. */
  flush(): Promise<void>;
  get(id: string): Promise<Trace>;
  /** The newest first. Sees everything recorded before the call. */
  list(query: TraceQuery): Promise<Page<Trace>>;
}

export interface TracesDependencies {
  database: Database;
  /** Told when rows could not be written; they are kept and tried again, the oldest dropped beyond 10,000. */
  onWriteFailed: (error: unknown, lost: number) => void;
  now?: () => number;
}

const flushMilliseconds = 50;
const maxBuffered = 10_000;

export function createTraces({ database, onWriteFailed, now = Date.now }: TracesDependencies): Traces {
  let buffer: RecordedAnswer[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  // A timer set inside a caller's transaction would otherwise write into that transaction.
  const outsideTransactions = AsyncLocalStorage.snapshot();

  const write = async (): Promise<void> => {
    const rows = buffer;
    buffer = [];
    if (rows.length === 0) return;
    try {
      await database.record((db) => insertAnswers(db, rows));
    } catch (error) {
      const kept = [...rows, ...buffer];
      const lost = Math.max(0, kept.length - maxBuffered);
      buffer = kept.slice(lost);
      onWriteFailed(error, lost);
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(() => outsideTransactions(write));
    return writing;
  };

  return {
    record: (trace) => {
      const { created_at = now(), id = randomUUID(), ...fields } = trace;
      const content = fields.content === undefined ? {} : { content: boundedContent(fields.content) };
      buffer.push({ ...fields, ...content, trace_id: toTraceId(id), created_at });
      timer ??= setTimeout(() => void flush(), flushMilliseconds);
      return id;
    },
    flush,
    get: async (id) => {
      await flush();
      const row = await database.db
        .selectFrom("inferences")
        .selectAll()
        .where("trace_id", "=", toTraceId(id))
        .executeTakeFirst();
      if (row === undefined)
        throw new HearthError("not_found", `There is no trace ${id}.`, { details: { trace_id: id } });
      const content = await contentOf(database.db, row.trace_id);
      return content === null ? present(row) : { ...present(row), content };
    },
    list: async ({ page, page_size, model, version_id, status }) => {
      await flush();
      let query = database.db.selectFrom("inferences");
      if (model !== undefined) query = query.where("model", "=", model);
      if (version_id !== undefined) query = query.where("version_id", "=", version_id);
      if (status !== undefined) query = query.where("status", "=", status);
      const { total } = await query
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await query
        .selectAll()
        .orderBy("created_at", "desc")
        .orderBy("trace_id", "desc")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: rows.map(present), total, page, page_size };
    },
    [Symbol.asyncDispose]: async () => {
      await flush();
    },
  };
}

/** What the answer's own span keeps of input and output; null where nothing is kept. */
async function contentOf(db: Queries, traceId: string): Promise<Trace["content"] | null> {
  const span = await db
    .selectFrom("spans")
    .select("content")
    .where("trace_id", "=", traceId)
    .where("span_id", "=", traceId.slice(-16))
    .executeTakeFirst();
  if (span === undefined) return null;
  const { attributes } = parseSpanContent(span.content);
  const input = attributes[attributeNames.inputs];
  return input === undefined ? null : { input, output: attributes[attributeNames.outputs] ?? null };
}

/** An answer's id is a UUID, its trace's the same digits as OpenTelemetry and MLflow write them. */
function toTraceId(id: string): string {
  return id.startsWith("tr-") ? id : `tr-${id.replaceAll("-", "")}`;
}

function toAnswerId(traceId: string): string {
  return traceId.replace(/^tr-(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function present({ trace_id, created_at, ...row }: InferenceTable): Trace {
  return { ...row, id: toAnswerId(trace_id), created_at: toIso(created_at) };
}
