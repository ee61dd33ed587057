import { sql, type Kysely } from "kysely";

/** Conversations, their messages, and the audit of tools. `../tables/chat.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("chat_sessions")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("title", "text", (column) => column.notNull())
    .addColumn("provider_id", "text")
    .addColumn("model_id", "text")
    .addColumn("models", "text", (column) => column.notNull())
    .addColumn("settings", "text", (column) => column.notNull())
    .addColumn("tags", "text", (column) => column.notNull())
    .addColumn("archived", "integer", (column) => column.notNull())
    .addColumn("message_count", "integer", (column) => column.notNull())
    .addColumn("last_message", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("chat_sessions_by_age")
    .on("chat_sessions")
    .columns(["archived", "updated_at", "id"])
    .execute();
  await db.schema
    .createTable("chat_messages")
    .addColumn("session_id", "text", (column) =>
      column.notNull().references("chat_sessions.id").onDelete("cascade"),
    )
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("parent_id", "text")
    .addColumn("group_id", "text")
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("parts", "text", (column) => column.notNull())
    .addColumn("said", "text", (column) => column.notNull())
    .addColumn("metadata", "text")
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("error", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("chat_messages_key", ["session_id", "id"])
    .addUniqueConstraint("chat_messages_order", ["session_id", "sequence"])
    .execute();
  // Each start looks for what an earlier hub left; there are never many, and the table is large.
  await db.schema
    .createIndex("chat_messages_unfinished")
    .on("chat_messages")
    .column("session_id")
    .where(sql.ref("status"), "=", sql.lit("streaming"))
    .execute();
  await db.schema
    .createTable("tool_calls")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("tool", "text", (column) => column.notNull())
    .addColumn("changes", "integer", (column) => column.notNull())
    .addColumn("origin", "text", (column) => column.notNull())
    .addColumn("session_id", "text")
    .addColumn("message_id", "text")
    .addColumn("call_id", "text")
    .addColumn("approval_id", "text")
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("output", "text")
    .addColumn("error", "text")
    .addColumn("requested_at", "bigint", (column) => column.notNull())
    .addColumn("decided_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addUniqueConstraint("tool_calls_decided_once", ["session_id", "message_id", "approval_id"])
    .execute();
  await db.schema
    .createIndex("tool_calls_by_place")
    .on("tool_calls")
    .columns(["session_id", "message_id", "call_id"])
    .execute();
  await db.schema
    .createIndex("tool_calls_unfinished")
    .on("tool_calls")
    .column("id")
    .where(sql.ref("status"), "=", sql.lit("running"))
    .execute();
  await db.schema.createIndex("tool_calls_by_age").on("tool_calls").columns(["requested_at", "id"]).execute();
}
