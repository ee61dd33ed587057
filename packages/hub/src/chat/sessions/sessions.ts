import { randomUUID } from "node:crypto";
import type {
  ChatSession,
  ChatSessionWithMessages,
  CreateSessionRequest,
  GivenMessage,
  UpdateSessionRequest,
} from "@hearth/wire/chat/session";
import type { Page } from "@hearth/wire/hub/common";
import { sql } from "kysely";
import { HearthError } from "../../errors.ts";
import { storableText } from "../../storage/storable-text.ts";
import { contains } from "../../storage/contains.ts";
import type { Database, Queries } from "../../storage/database.ts";
import { withoutQuestions } from "./branch.ts";
import { presentMessage, presentSession } from "./present.ts";
import { appendMessages, newSession, readMessages, readSession } from "./rows.ts";
import { placeMessages } from "./place-messages.ts";
import type { OpenTurns } from "./turns.ts";

export interface SessionQuery {
  page: number;
  page_size: number;
  search?: string | undefined;
  archived: "true" | "false" | "all";
}

/** Conversations that are kept. What throws `not_found` does so for an unknown id. */
export interface Sessions {
  list(query: SessionQuery): Promise<Page<ChatSession>>;
  /** `conflict` when the id is taken. */
  create(request: CreateSessionRequest): Promise<ChatSession>;
  get(id: string): Promise<ChatSessionWithMessages>;
  update(id: string, change: UpdateSessionRequest): Promise<ChatSession>;
  /** Gives it another title unless somebody did in between; the one that it has then. */
  retitle(id: string, before: string, title: string): Promise<string>;
  /** Stops what is being answered in it. */
  remove(id: string): Promise<void>;
  /** Replaces all messages. `conflict` while it is answered, `invalid_request` where they do not fit together. */
  put(id: string, messages: readonly GivenMessage[]): Promise<ChatSessionWithMessages>;
  storage(): Promise<{ sessions: number; messages: number; bytes: number }>;
}

export function createSessions(
  database: Database,
  turns: Pick<OpenTurns, "answering" | "stop">,
  onChange: (id: string) => void,
  now: () => number = Date.now,
): Sessions {
  const one = async (db: Queries, id: string): Promise<ChatSession> =>
    presentSession(await readSession(db, id), turns.answering(id));
  const whole = async (id: string): Promise<ChatSessionWithMessages> => {
    const session = await one(database.db, id);
    const rows = await readMessages(database.db, id);
    return { ...session, messages: rows.map((row) => presentMessage(row)) };
  };
  return {
    async list({ page, page_size, search, archived }) {
      let query = database.db.selectFrom("chat_sessions");
      if (archived !== "all") query = query.where("archived", "=", archived === "true" ? 1 : 0);
      const wanted = storableText(search?.trim() ?? "");
      if (wanted !== "")
        query = query.where((row) =>
          row.or([
            contains("chat_sessions.title", wanted),
            row.exists(
              row
                .selectFrom("chat_messages")
                .select(sql`1`.as("found"))
                .whereRef("chat_messages.session_id", "=", "chat_sessions.id")
                .where(contains("chat_messages.said", wanted)),
            ),
          ]),
        );
      const { total } = await query
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await query
        .selectAll()
        .orderBy("updated_at", "desc")
        .orderBy("id")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return {
        items: rows.map((row) => presentSession(row, turns.answering(row.id))),
        total,
        page,
        page_size,
      };
    },
    async create(request) {
      const id = request.id ?? randomUUID();
      await database.write(async (db) => {
        const { numInsertedOrUpdatedRows = 0n } = await db
          .insertInto("chat_sessions")
          .values(newSession(id, request, now()))
          .onConflict((conflict) => conflict.column("id").doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n)
          throw new HearthError("conflict", `There is a conversation "${id}" already.`, { details: { id } });
      });
      onChange(id);
      return await one(database.db, id);
    },
    get: whole,
    async update(id, { models, settings, tags, archived, ...plain }) {
      const change = {
        ...plain,
        ...(models === undefined ? {} : { models: JSON.stringify(models) }),
        ...(settings === undefined ? {} : { settings: JSON.stringify(settings) }),
        ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
        ...(archived === undefined ? {} : { archived: archived ? (1 as const) : (0 as const) }),
      };
      await database.write(async (db) => {
        await readSession(db, id);
        if (Object.keys(change).length > 0)
          await db.updateTable("chat_sessions").set(change).where("id", "=", id).execute();
      });
      onChange(id);
      return await one(database.db, id);
    },
    async retitle(id, before, title) {
      await database.write((db) =>
        db
          .updateTable("chat_sessions")
          .set({ title: storableText(title) })
          .where("id", "=", id)
          .where("title", "=", before)
          .execute(),
      );
      onChange(id);
      return (await readSession(database.db, id)).title;
    },
    async remove(id) {
      await readSession(database.db, id);
      turns.stop(id);
      await database.write((db) => db.deleteFrom("chat_sessions").where("id", "=", id).execute());
      onChange(id);
    },
    async put(id, messages) {
      const placed = placeMessages(messages);
      if (turns.answering(id).length > 0)
        throw new HearthError("conflict", "The conversation is being answered; stop that first.", {
          details: { id },
        });
      await database.write(async (db) => {
        await readSession(db, id);
        await db.deleteFrom("chat_messages").where("session_id", "=", id).execute();
        await db
          .updateTable("chat_sessions")
          .set({ message_count: 0, last_message: "" })
          .where("id", "=", id)
          .execute();
        await appendMessages(
          db,
          id,
          placed.map((one) => ({ ...one, message: withoutQuestions(one.message) })),
          now(),
        );
      });
      onChange(id);
      return await whole(id);
    },
    async storage() {
      const sessions = await database.db
        .selectFrom("chat_sessions")
        .select((row) => row.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      const messages = await database.db
        .selectFrom("chat_messages")
        .select((row) => [
          row.fn.countAll<number>().as("count"),
          sql<number>`coalesce(sum(octet_length(parts) + octet_length(said) + coalesce(octet_length(metadata), 0)), 0)`.as(
            "bytes",
          ),
        ])
        .executeTakeFirstOrThrow();
      return { sessions: sessions.count, messages: messages.count, bytes: Number(messages.bytes) };
    },
  };
}
