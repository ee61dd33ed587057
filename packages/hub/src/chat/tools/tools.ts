import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  auditedCall,
  type AuditedCall,
  type CallToolRequest,
  type HubTool,
  type ToolOrigin,
} from "@hearth/wire/chat/tools";
import type { Page } from "@hearth/wire/hub/common";
import type { Selectable } from "kysely";
import { z } from "zod";
import { HearthError, serialiseError } from "../../errors.ts";
import type { Database, Queries } from "../../storage/database.ts";
import { toIso, toIsoOrNull } from "../../storage/instant.ts";
import type { ToolCallTable } from "../../storage/tables/chat.ts";
import type { Approvals, DecidedCall } from "../approvals.ts";
import { allTools } from "./all-tools.ts";
import type { ToolRooms } from "./rooms.ts";
import type { Tool } from "./tool.ts";

/** What is given back to a model has to fit into its context. */
const longestOutput = 16_000;

/** The hub's tools, and the book in which their calls are written. */
export interface Tools extends Approvals {
  list(): HubTool[];
  /**
   * Runs a tool; the call is written down before it begins and when it has ended.
   *
   * @throws HearthError `not_found` for an unknown tool, `invalid_request` for an input that does not fit, `forbidden`
   * for a change that nobody approved, and what the tool's room throws.
   */
  call(name: string, request: CallToolRequest, signal: AbortSignal): Promise<unknown>;
  audit(query: {
    page: number;
    page_size: number;
    session_id?: string | undefined;
  }): Promise<Page<AuditedCall>>;
}

export function createTools(database: Database, rooms: ToolRooms, now: () => number = Date.now): Tools {
  const byName = new Map(allTools.map((tool) => [tool.name, tool]));
  const find = (name: string): Tool => {
    const tool = byName.get(name);
    if (tool === undefined)
      throw new HearthError(
        "not_found",
        `There is no tool "${name.slice(0, 100)}"; there are ${[...byName.keys()].join(", ")}.`,
      );
    return tool;
  };
  const end = (id: string, change: Partial<ToolCallTable>): Promise<unknown> =>
    database.write((db) =>
      db
        .updateTable("tool_calls")
        .set({ ...change, ended_at: now() })
        .where("id", "=", id)
        .execute(),
    );
  return {
    list: () =>
      allTools.map(({ name, title, description, input, changes }) => ({
        name,
        title,
        description,
        changes,
        input_schema: z.toJSONSchema(input, { io: "input", target: "draft-7" }),
      })),

    async decide(calls) {
      if (calls.length === 0) return;
      await database.write(async (db) => {
        for (const call of calls)
          await writeDecision(db, call, byName.get(call.tool)?.changes ?? true, now());
      });
    },

    async call(name, request, signal) {
      const tool = find(name);
      const id = await database.write((db) => beginCall(db, tool, request, now()));
      if (id === null) throw notApproved(tool, request.origin);
      try {
        const output = bounded(await tool.run(request.input, rooms, signal));
        await end(id, { status: "done", output: JSON.stringify(output) });
        return output;
      } catch (error) {
        const told = error instanceof z.ZodError ? inputError(tool, error) : error;
        await end(id, { status: "failed", error: serialiseError(told).message });
        throw told;
      }
    },

    async audit({ page, page_size, session_id }) {
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

/**
 * Writes the beginning of a call and gives its id. A change of the chat takes the approval that is there for it, so
 * that it serves once; null where there is none, or one for another input.
 */
async function beginCall(
  db: Queries,
  tool: Tool,
  request: CallToolRequest,
  now: number,
): Promise<string | null> {
  const { origin, session_id = null, message_id = null, call_id = null } = request;
  const input = JSON.stringify(request.input ?? {});
  if (origin === "chat" && tool.changes) {
    const approved = await db
      .selectFrom("tool_calls")
      .select(["id", "input"])
      .where("session_id", "=", session_id)
      .where("message_id", "=", message_id)
      .where("call_id", "=", call_id)
      .where("tool", "=", tool.name)
      .where("status", "=", "approved")
      .executeTakeFirst();
    if (approved !== undefined && isDeepStrictEqual(JSON.parse(approved.input), JSON.parse(input))) {
      const taken = await db
        .updateTable("tool_calls")
        .set({ status: "running" })
        .where("id", "=", approved.id)
        .where("status", "=", "approved")
        .executeTakeFirst();
      if (taken.numUpdatedRows === 1n) return approved.id;
    }
  }
  const refused = origin === "chat" && tool.changes;
  const id = randomUUID();
  await db
    .insertInto("tool_calls")
    .values({
      id,
      tool: tool.name,
      changes: tool.changes ? 1 : 0,
      origin,
      // A refused call must not stand where its approval would: that one may come yet.
      session_id,
      message_id: refused ? null : message_id,
      call_id: refused ? null : call_id,
      approval_id: null,
      input,
      status: refused ? "refused" : "running",
      output: null,
      error: refused ? "nobody approved this call with this input" : null,
      requested_at: now,
      decided_at: null,
      ended_at: refused ? now : null,
    })
    // Ids of calls are the model's, and it may give one twice: the first one is the one that is kept apart.
    .onConflict((conflict) =>
      conflict
        .columns(["session_id", "message_id", "call_id"])
        .doUpdateSet({ status: "running", input, requested_at: now }),
    )
    .execute();
  return refused ? null : await idOf(db, id, request);
}

/** The row that a call got: its own, or the one that it was joined with. */
async function idOf(
  db: Queries,
  id: string,
  { session_id, message_id, call_id }: CallToolRequest,
): Promise<string> {
  if (session_id === undefined || message_id === undefined || call_id === undefined) return id;
  const row = await db
    .selectFrom("tool_calls")
    .select("id")
    .where("session_id", "=", session_id)
    .where("message_id", "=", message_id)
    .where("call_id", "=", call_id)
    .executeTakeFirst();
  return row?.id ?? id;
}

async function writeDecision(db: Queries, call: DecidedCall, changes: boolean, now: number): Promise<void> {
  await db
    .insertInto("tool_calls")
    .values({
      id: randomUUID(),
      tool: call.tool,
      changes: changes ? 1 : 0,
      origin: "chat",
      session_id: call.sessionId,
      message_id: call.messageId,
      call_id: call.callId,
      approval_id: call.approvalId,
      input: JSON.stringify(call.input ?? {}),
      status: call.approved ? "approved" : "denied",
      output: null,
      error: call.approved ? null : call.reason,
      requested_at: now,
      decided_at: now,
      ended_at: call.approved ? null : now,
    })
    // What was decided stays decided.
    .onConflict((conflict) => conflict.columns(["session_id", "message_id", "call_id"]).doNothing())
    .execute();
}

function notApproved(tool: Tool, origin: ToolOrigin): HearthError {
  return new HearthError(
    "forbidden",
    `"${tool.name}" changes something, and nobody approved this call with this input. It was not run.`,
    { details: { tool: tool.name, origin } },
  );
}

function inputError(tool: Tool, error: z.ZodError): HearthError {
  const words = error.issues.map(
    ({ path, message }) => `${path.map(String).join(".") || "the input"}: ${message}`,
  );
  return new HearthError("invalid_request", `The input of ${tool.name} does not fit: ${words.join("; ")}.`, {
    cause: error,
    details: { tool: tool.name },
  });
}

/** As it is when it is small; else its beginning as text, and a word about the rest. */
function bounded(output: unknown): unknown {
  const text = JSON.stringify(output) ?? "null";
  if (text.length <= longestOutput) return output ?? null;
  return {
    truncated: `The whole has ${text.length} characters; this is the beginning. Ask for less.`,
    beginning: text.slice(0, longestOutput),
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
