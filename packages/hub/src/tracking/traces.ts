import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { Page } from "@hearth/wire/hub/common";
import type { Trace } from "@hearth/wire/hub/inference";
import { HearthError } from "../errors.ts";
import type { Database } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";
import type { TraceTable } from "../storage/tables.ts";

/** One answered inference; `created_at` in ms since the epoch, default now. */
export type TraceRecord = Omit<Trace, "id" | "created_at"> & { id?: string; created_at?: number };

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
const rowsPerStatement = 200;
const maxBuffered = 10_000;

export function createTraces({ database, onWriteFailed, now = Date.now }: TracesDependencies): Traces {
  let buffer: TraceTable[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  // A timer set inside a caller's transaction would otherwise write into that transaction.
  const outsideTransactions = AsyncLocalStorage.snapshot();

  const write = async (): Promise<void> => {
    const rows = buffer;
    buffer = [];
    if (rows.length === 0) return;
    try {
      await database.record(async (db) => {
        for (let start = 0; start < rows.length; start += rowsPerStatement) {
          await db
            .insertInto("traces")
            .values(rows.slice(start, start + rowsPerStatement))
            .execute();
        }
      });
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
      buffer.push({ ...fields, id, created_at });
      timer ??= setTimeout(() => void flush(), flushMilliseconds);
      return id;
    },
    flush,
    get: async (id) => {
      await flush();
      const row = await database.db.selectFrom("traces").selectAll().where("id", "=", id).executeTakeFirst();
      if (row === undefined)
        throw new HearthError("not_found", `There is no trace ${id}.`, { details: { trace_id: id } });
      return present(row);
    },
    list: async ({ page, page_size, model, version_id, status }) => {
      await flush();
      let query = database.db.selectFrom("traces");
      if (model !== undefined) query = query.where("model", "=", model);
      if (version_id !== undefined) query = query.where("version_id", "=", version_id);
      if (status !== undefined) query = query.where("status", "=", status);
      const { total } = await query
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await query
        .selectAll()
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
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

function present(row: TraceTable): Trace {
  return { ...row, created_at: toIso(row.created_at) };
}
