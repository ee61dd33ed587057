import { storableText } from "../../storage/storable-text.ts";

const longestPreview = 200;
const longestTitle = 60;

/** What was said in a message, without thoughts and tools, as every database can keep it. */
export function saidIn(message: { parts: readonly { type: string; text?: unknown }[] }): string {
  return storableText(
    message.parts
      .flatMap((part) => (part.type === "text" && typeof part.text === "string" ? [part.text] : []))
      .join("\n"),
  );
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
