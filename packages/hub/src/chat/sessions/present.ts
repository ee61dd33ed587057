import { chatSession, storedMessage } from "@hearth/wire/chat/session";
import type { ChatSession, StoredMessage } from "@hearth/wire/chat/session";
import type { Selectable } from "kysely";
import { toIso } from "../../storage/instant.ts";
import type { ChatMessageTable, ChatSessionTable } from "../../storage/tables/chat.ts";

/** A row of `chat_sessions` as the API shows it. */
export function presentSession(row: Selectable<ChatSessionTable>, answering: readonly string[]): ChatSession {
  return chatSession.parse({
    ...row,
    models: JSON.parse(row.models),
    settings: JSON.parse(row.settings),
    tags: JSON.parse(row.tags),
    archived: row.archived === 1,
    answering,
    created_at: toIso(row.created_at),
    updated_at: toIso(row.updated_at),
  });
}

/** A row of `chat_messages` as the API shows it. */
export function presentMessage(row: Selectable<ChatMessageTable>): StoredMessage {
  return storedMessage.parse({
    id: row.id,
    role: row.role,
    parts: JSON.parse(row.parts),
    ...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) }),
    sequence: row.sequence,
    parent_id: row.parent_id,
    group: row.group_id,
    position: row.position,
    status: row.status,
    error: row.error,
    created_at: toIso(row.created_at),
  });
}
