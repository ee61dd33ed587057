import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { auditedCall, type AuditedCall, type CallToolRequest } from "@hearth/wire/chat/tools";
import type { Page } from "@hearth/wire/hub/common";
import { sql, type Insertable, type Selectable } from "kysely";
import type { Database, Queries } from "../../storage/database.ts";
import { toIso, toIsoOrNull } from "../../storage/instant.ts";
import type { ToolCallTable } from "../../storage/tables/chat.ts";
import type { DecidedCall } from "../approvals.ts";

/** Longer names of tools are not even written down. */
const longestName = 200;

/** The book of calls: each is in it before it begins, refused ones too; it outlives the conversations. */
export interface Audit {
  /**
   * Writes the beginning of a call and gives its id. A change of the chat takes the approval that is there for it, so
   * that it serves once; null, and written down as refused, where there is none, or only one for something else.
   */
  begin(tool: { name: string; changes: boolean }, request: CallToolRequest): Promise<string | null>;
  /** A call that could not even begin. */
  refuse(tool: string, request: CallToolRequest, reason: string): Promise<void>;
  end(id: string, outcome: Pick<ToolCallTable, "status"> & Partial<ToolCallTable>): Promise<void>;
  /** What was decided stays decided. */
  decide(calls: readonly (DecidedCall & { changes: boolean })[]): Promise<void>;
  /** Calls that an earlier hub did not see the end of. */
  recover(): Promise<void>;
  list(query: {
    page: number;
    page_size: number;
    session_id?: string | undefined;
  }): Promise<Page<AuditedCall>>;
}

export function createAudit(database: Database, now: () => number): Audit {
  return {
    begin: (tool, request) =>
      database.write(async (db) => {
        if (request.origin === "chat" && tool.changes) {
          const taken = await takeApproval(db, tool.name, request);
          if (taken === null)
            await db
              .insertInto("tool_calls")
              .values(refused(tool, request, "nobody approved this call with this input", now()))
              .execute();
          return taken;
        }
        const id = randomUUID();
        await db
          .insertInto("tool_calls")
          .values({ ...callRow(tool, request, now()), id, status: "running" })
          .execute();
        return id;
      }),
    refuse: (tool, request, reason) =>
      database.write(async (db) => {
        const named = { name: tool.slice(0, longestName), changes: false };
        await db
          .insertInto("tool_calls")
          .values(refused(named, request, reason, now()))
          .execute();
      }),
    end: (id, outcome) =>
      database.write(async (db) => {
        await db
          .updateTable("tool_calls")
          .set({ ...outcome, ended_at: now() })
          .where("id", "=", id)
          .execute();
      }),
    decide: (calls) =>
      database.write(async (db) => {
        for (const call of calls)
          await db
            .insertInto("tool_calls")
            .values(decided(call, now()))
            .onConflict((conflict) =>
              conflict.columns(["session_id", "message_id", "approval_id"]).doNothing(),
            )
            .execute();
      }),
    recover: () =>
      database.write(async (db) => {
        const error = "the hub ended while it ran; whether it took effect is not known";
        await db
          .updateTable("tool_calls")
          .set({ status: "failed", error, ended_at: now() })
          // As the index has it.
          .where("status", "=", sql.lit("running"))
          .execute();
      }),
    async list({ page, page_size, session_id }) {
      let query = database.db.selectFrom("tool_calls");
      if (session_id !== undefined) query = query.where("session_id", "=", session_id);
      const { total } = await query
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await query
        .selectAll()
        .orderBy("requested_at", "desc")
        .orderBy("id")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: rows.map((row) => present(row)), total, page, page_size };
    },
  };
}

/** Takes an approval for this tool, this call of this message, and this very input; its id, or null. */
async function takeApproval(
  db: Queries,
  tool: string,
  { session_id, message_id, call_id, input = {} }: CallToolRequest,
): Promise<string | null> {
  if (session_id === undefined || message_id === undefined || call_id === undefined) return null;
  const approved = await db
    .selectFrom("tool_calls")
    .select(["id", "input"])
    .where("session_id", "=", session_id)
    .where("message_id", "=", message_id)
    .where("call_id", "=", call_id)
    .where("tool", "=", tool)
    .where("status", "=", "approved")
    .execute();
  for (const { id, input: allowed } of approved) {
    if (!isDeepStrictEqual(JSON.parse(allowed), JSON.parse(JSON.stringify(input)))) continue;
    const { numUpdatedRows } = await db
      .updateTable("tool_calls")
      .set({ status: "running" })
      .where("id", "=", id)
      .where("status", "=", "approved")
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return id;
  }
  return null;
}

function callRow(
  tool: { name: string; changes: boolean },
  { origin, input = {}, session_id, message_id, call_id }: CallToolRequest,
  now: number,
): Omit<Insertable<ToolCallTable>, "id" | "status"> {
  return {
    tool: tool.name,
    changes: tool.changes ? 1 : 0,
    origin,
    session_id: session_id ?? null,
    message_id: message_id ?? null,
    call_id: call_id ?? null,
    approval_id: null,
    input: JSON.stringify(input),
    output: null,
    error: null,
    requested_at: now,
    decided_at: null,
    ended_at: null,
  };
}

function refused(
  tool: { name: string; changes: boolean },
  request: CallToolRequest,
  error: string,
  now: number,
): Insertable<ToolCallTable> {
  return { ...callRow(tool, request, now), id: randomUUID(), status: "refused", error, ended_at: now };
}

function decided(call: DecidedCall & { changes: boolean }, now: number): Insertable<ToolCallTable> {
  const { sessionId: session_id, messageId: message_id, callId: call_id, input, approved } = call;
  const request = { origin: "chat" as const, session_id, message_id, call_id, input };
  return {
    ...callRow({ name: call.tool, changes: call.changes }, request, now),
    id: randomUUID(),
    approval_id: call.approvalId,
    status: approved ? "approved" : "denied",
    error: approved ? null : call.reason,
    decided_at: now,
    ended_at: approved ? null : now,
  };
}

function present(row: Selectable<ToolCallTable>): AuditedCall {
  return auditedCall.parse({
    ...row,
    changes: row.changes === 1,
    input: JSON.parse(row.input),
    output: row.output === null ? null : JSON.parse(row.output),
    requested_at: toIso(row.requested_at),
    decided_at: toIsoOrNull(row.decided_at),
    ended_at: toIsoOrNull(row.ended_at),
  });
}
