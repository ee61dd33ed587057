import { spacedJson } from "../../lossless-json.ts";
import type { AttributeValue } from "../../otlp/otlp.ts";

const maxLength = 1000;

/**
 * A short text for lists of traces: of a conversation the last message of `role`, else the value as JSON, in its sender's
 * own words where there are some; at
 * most 1000 characters.
 */
export function preview(
  value: AttributeValue,
  role: "user" | "assistant",
  json: string = spacedJson(value),
): string {
  const text = lastMessage(value, role) ?? json;
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3).toWellFormed()}...`;
}

function lastMessage(value: unknown, role: string): string | undefined {
  const messages = messagesOf(value).filter(isMessage);
  const message = messages.findLast((candidate) => candidate["role"] === role) ?? messages.at(-1);
  if (message === undefined) return undefined;
  const content = message["content"];
  if (typeof content === "string" && content !== "") return content;
  const part = listOf(content).findLast((item) => isObject(item) && typeof item["text"] === "string");
  return isObject(part) && typeof part["text"] === "string" ? part["text"] : undefined;
}

/** The places where OpenAI's chat and responses formats keep messages. */
function messagesOf(value: unknown): unknown[] {
  if (!isObject(value)) return [];
  const [choice] = listOf(value["choices"]);
  if (isObject(choice)) return [choice["message"]];
  for (const name of ["messages", "input", "output"]) {
    if (Array.isArray(value[name])) return listOf(value[name]);
  }
  return isObject(value["request"]) ? messagesOf(value["request"]) : [];
}

function isMessage(value: unknown): value is Record<string, unknown> {
  return isObject(value) && typeof value["role"] === "string" && value["content"] !== undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
