import { toolState } from "@hearth/wire/chat/message";
import type { MessageStatus } from "@hearth/wire/chat/session";
import type { Queries } from "../../storage/database.ts";
import type { Assembled } from "./assembler.ts";
import { storableText } from "../../storage/storable-text.ts";
import { preview, saidIn } from "./said.ts";

export interface SavedAnswer {
  sessionId: string;
  answerId: string;
  assembled: Assembled;
  status: MessageStatus;
  error: string | null;
}

/** Writes an answer as it is now into its row; false when its conversation is gone. */
export async function saveAnswer(
  db: Queries,
  { sessionId, answerId, assembled, status, error }: SavedAnswer,
  now: number,
): Promise<boolean> {
  const parts = assembled.parts.filter((part) => known(part));
  const said = saidIn({ parts });
  const changed = await db
    .updateTable("chat_messages")
    .set({
      parts: JSON.stringify(parts),
      said,
      metadata: assembled.metadata === null ? null : JSON.stringify(assembled.metadata),
      status,
      error: error === null ? null : storableText(error),
    })
    .where("session_id", "=", sessionId)
    .where("id", "=", answerId)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await db
    .updateTable("chat_sessions")
    .set({ updated_at: now, ...(said === "" ? {} : { last_message: preview(said) }) })
    .where("id", "=", sessionId)
    .execute();
  return true;
}

/** Parts that the wire's schema lets through again when the message is read. */
function known(part: Record<string, unknown> & { type: string }): boolean {
  if (part.type === "dynamic-tool" || part.type.startsWith("tool-"))
    return toolState.safeParse(part["state"]).success && typeof part["toolCallId"] === "string";
  return (
    ["text", "reasoning", "step-start", "source-url", "source-document"].includes(part.type) || isData(part)
  );
}

function isData(part: Record<string, unknown> & { type: string }): boolean {
  return part.type === "file" && typeof part["url"] === "string" && part["url"].startsWith("data:");
}
