import type { StoredMessage } from "@hearth/wire/chat/session";
import { modelOf, saidIn, toolNameOf, waitingCalls } from "./message.ts";
import { modelName } from "./model-ref.ts";

const mostRead = 1_000;

/** What a screen reader says when an answer is there: once, at its end. Failures are alerts of their own. */
export function announcementOf(answer: StoredMessage): string {
  if (answer.status === "failed") return "";
  const model = modelName(modelOf(answer) ?? "The model");
  const waiting = waitingCalls(answer);
  if (waiting.length > 0)
    return `${model} asks to be allowed: ${waiting.map((part) => toolNameOf(part).replaceAll("_", " ")).join(", ")}. Allow or refuse it in the conversation.`;
  const text = saidIn(answer);
  const rest = text.length > mostRead ? " … The rest is in the conversation." : "";
  const end = answer.status === "stopped" ? " (stopped)" : "";
  return `${model} answered${end}: ${text.slice(0, mostRead)}${rest}`;
}
