import type { ChatMessage } from "@hearth/wire/chat/message";
import { untitled, type CreateSessionRequest, type MessageStatus } from "@hearth/wire/chat/session";
import { sql, type Insertable, type Selectable } from "kysely";
import { HearthError } from "../../errors.ts";
import { storableText } from "../../storage/storable-text.ts";
import type { Queries } from "../../storage/database.ts";
import { ListQuery, anyOf } from "../../storage/list-query.ts";
import type { ChatMessageTable, ChatSessionTable } from "../../storage/tables/chat.ts";
import { firstTitle, preview, saidIn } from "./said.ts";

export type SessionRow = Selectable<ChatSessionTable>;
export type MessageRow = Selectable<ChatMessageTable>;

/** SQLite takes 32,766 values in one statement. */
const rowsPerInsert = 1000;

/** A message that is to be stored after others. */
export interface NewMessage {
  message: ChatMessage;
  parentId: string | null;
  status: MessageStatus;
  group?: string | null;
  position?: number;
  error?: string | null;
}

export function newSession(
  id: string,
  request: CreateSessionRequest,
  now: number,
): Insertable<ChatSessionTable> {
  return {
    id,
    title: request.title ?? untitled,
    provider_id: request.provider_id ?? null,
    model_id: request.model_id ?? null,
    models: JSON.stringify(request.models ?? []),
    settings: JSON.stringify(request.settings ?? {}),
    tags: JSON.stringify(request.tags ?? []),
    archived: 0,
    message_count: 0,
    last_message: "",
    created_at: now,
    updated_at: now,
  };
}

/** Throws `not_found`. */
export async function readSession(db: Queries, id: string): Promise<SessionRow> {
  const row = await findSession(db, id);
  if (row === undefined)
    throw new HearthError("not_found", `There is no conversation "${id.slice(0, 200)}".`, {
      details: { id },
    });
  return row;
}

export async function findSession(db: Queries, id: string): Promise<SessionRow | undefined> {
  // None is called so, and PostgreSQL refuses to look.
  if (id.includes("\0")) return undefined;
  return await db.selectFrom("chat_sessions").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Every message of a conversation in the order of arrival. */
export async function readMessages(db: Queries, sessionId: string): Promise<MessageRow[]> {
  return await db
    .selectFrom("chat_messages")
    .selectAll()
    .where("session_id", "=", sessionId)
    .orderBy("sequence")
    .execute();
}

const named = new ListQuery<MessageRow>(
  (dialect) =>
    `select * from chat_messages where id ${anyOf(dialect)} and session_id = ${dialect === "sqlite" ? "?" : "$2"}`,
);

/** Those of the named messages that the conversation has, by their ids. */
export async function findMessages(
  db: Queries,
  sessionId: string,
  ids: readonly string[],
): Promise<Map<string, MessageRow>> {
  const rows = await named.run(db, ids, sessionId);
  return new Map(rows.map((row) => [row.id, row]));
}

/** A message with all that it follows, the oldest first; empty when there is no such message. */
export async function readBranch(db: Queries, sessionId: string, lastId: string): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    with recursive branch(id, parent_id) as (
      select id, parent_id from chat_messages where session_id = ${sessionId} and id = ${lastId}
      union all
      select m.id, m.parent_id from chat_messages m join branch b on m.id = b.parent_id
      where m.session_id = ${sessionId}
    )
    select m.* from chat_messages m join branch b on m.id = b.id
    where m.session_id = ${sessionId} order by m.sequence`.execute(db);
  return rows;
}

/**
 * Stores messages after those that are there, numbered in their order; one that is there already is left as it is. The
 * conversation takes on the newest text.
 */
export async function appendMessages(
  db: Queries,
  sessionId: string,
  messages: readonly NewMessage[],
  now: number,
): Promise<void> {
  if (messages.length === 0) return;
  // The row of the conversation is the lock: who comes second sees what the first one stored.
  const { message_count: count, title } = await db
    .updateTable("chat_sessions")
    .set({ updated_at: now })
    .where("id", "=", sessionId)
    .returning(["message_count", "title"])
    .executeTakeFirstOrThrow();
  const ids = messages.map(({ message }) => message.id);
  const known = await findMessages(db, sessionId, ids);
  const added = messages.filter(({ message }) => !known.has(message.id));
  if (added.length === 0) return;
  const rows = added.map(({ message, parentId, status, group, position, error }, index) => ({
    session_id: sessionId,
    id: message.id,
    sequence: count + 1 + index,
    parent_id: parentId,
    group_id: group ?? null,
    position: position ?? 0,
    role: message.role,
    parts: JSON.stringify(message.parts),
    said: saidIn(message),
    metadata: message.metadata === undefined ? null : JSON.stringify(message.metadata),
    status,
    error: typeof error === "string" ? storableText(error) : null,
    created_at: now,
  }));
  for (let start = 0; start < rows.length; start += rowsPerInsert)
    await db
      .insertInto("chat_messages")
      .values(rows.slice(start, start + rowsPerInsert))
      .execute();
  const said = rows.findLast((row) => row.said !== "")?.said;
  const prompt = rows.find((row) => row.role === "user")?.said ?? "";
  await db
    .updateTable("chat_sessions")
    .set({
      message_count: count + rows.length,
      ...(said === undefined ? {} : { last_message: preview(said) }),
      ...(title === untitled && prompt.trim() !== "" ? { title: firstTitle(prompt) } : {}),
    })
    .where("id", "=", sessionId)
    .execute();
}
