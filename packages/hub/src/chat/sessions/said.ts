import type { ChatMessage } from "@hearth/wire/chat/message";

const longestPreview = 200;
const longestTitle = 60;

/** What was said in a message, without thoughts and tools. */
export function saidIn(message: Pick<ChatMessage, "parts">): string {
  return message.parts
    .flatMap((part) =>
      part.type === "text" && "text" in part && typeof part.text === "string" ? [part.text] : [],
    )
    .join("\n");
}

/** The beginning of a text in one line. */
export function preview(text: string, longest = longestPreview): string {
  const line = text
    .slice(0, longest * 2)
    .replaceAll(/\s+/g, " ")
    .trim();
  // By characters, not by halves of them.
  const characters = Array.from(line);
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join("")}…`;
}

/** What a conversation is called until somebody, or a model, names it. */
export function firstTitle(prompt: string): string {
  return preview(prompt, longestTitle);
}
