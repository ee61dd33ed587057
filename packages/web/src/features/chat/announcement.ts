import type { Answer } from "./conversation.ts";

const mostRead = 1_000;

/** What a screen reader says when an answer is there: once, at its end. Failures are alerts of their own. */
export function announcementOf({ model, state, text }: Answer): string {
  if (state === "failed") return "";
  const rest = text.length > mostRead ? " … The rest is in the conversation." : "";
  const end = state === "stopped" ? " (stopped)" : "";
  return `${model} answered${end}: ${text.slice(0, mostRead)}${rest}`;
}
