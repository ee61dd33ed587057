import type { ChatSessionWithMessages, StoredMessage } from "@hearth/wire/chat/session";
import { isTool } from "./branch.ts";
import { saidIn } from "./said.ts";

const speakers = { system: "System", user: "You", assistant: "Assistant" } as const;

/** A conversation to read and keep: its newest branch as Markdown. */
export function asMarkdown(session: ChatSessionWithMessages): string {
  const blocks = newestBranch(session.messages).map((message) => {
    const tools = message.parts
      .filter((part) => isTool(part))
      .map((part) => `> ${part.type.replace(/^tool-/, "")}: ${part.state}`);
    return [
      `## ${speakers[message.role]}`,
      ...(tools.length === 0 ? [] : [tools.join("\n")]),
      saidIn(message),
    ].join("\n\n");
  });
  return `${[`# ${session.title.replaceAll(/\s+/g, " ")}`, ...blocks].join("\n\n")}\n`;
}

/** From the newest message back to the first. */
function newestBranch(messages: readonly StoredMessage[]): StoredMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: StoredMessage[] = [];
  for (let at = messages.at(-1); at !== undefined && !branch.includes(at);) {
    branch.push(at);
    at = at.parent_id === null ? undefined : byId.get(at.parent_id);
  }
  return branch.toReversed();
}
