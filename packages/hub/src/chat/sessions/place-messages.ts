import { chatMessage } from "@hearth/wire/chat/message";
import type { GivenMessage } from "@hearth/wire/chat/session";
import { HearthError } from "../../errors.ts";
import type { NewMessage } from "./rows.ts";

/**
 * Messages of an import with their places: the named ones, or each after the one before it.
 *
 * @throws HearthError `invalid_request` where two have one id, or one follows a message that does not come before it.
 */
export function placeMessages(messages: readonly GivenMessage[]): NewMessage[] {
  const before = new Set<string>();
  let last: string | null = null;
  return messages.map((given, index) => {
    const { parent_id: named, group = null, position = 0, status = "complete", error = null } = given;
    if (before.has(given.id))
      throw new HearthError(
        "invalid_request",
        `Two messages have the id "${given.id}"; each needs its own.`,
        {
          details: { field: `messages[${index}].id` },
        },
      );
    if (typeof named === "string" && !before.has(named))
      throw new HearthError(
        "invalid_request",
        `The message "${given.id}" follows "${named}", which does not come before it.`,
        { details: { field: `messages[${index}].parent_id` } },
      );
    const parentId = named === undefined ? last : named;
    before.add(given.id);
    last = given.id;
    // Nobody writes it any more.
    const ended = status === "streaming" ? "interrupted" : status;
    const { id, role, parts, metadata } = given;
    const message = chatMessage.parse({ id, role, parts, ...(metadata === undefined ? {} : { metadata }) });
    return { message, parentId, status: ended, group, position, error };
  });
}
