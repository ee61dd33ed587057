import type { ChatMessage } from "../../model-files/chat-template.ts";
import type { CallSyntax } from "./call-syntax.ts";
import { inElement } from "./described-tools.ts";
import { callsOf } from "./message-calls.ts";

/**
 * The same conversation for a template that knows only texts of system, user and assistant: calls stand in the
 * assistant's text as the model writes them, results are said by the user. Results that follow each other, and
 * what the user says then, make one message, because many templates want the two roles in turns.
 */
export function withCallsAsText(messages: readonly ChatMessage[], syntax: CallSyntax): ChatMessage[] {
  const names = new Map<string, string>();
  const rewritten: ChatMessage[] = [];
  /** Is the last message made of results? */
  let results = false;
  for (const message of messages) {
    const last = rewritten.at(-1);
    if (message.role === "tool" || (results && message.role === "user")) {
      const content = message.role === "tool" ? resultText(message, names) : message.content;
      if (results && last !== undefined) last.content += `\n${content}`;
      else rewritten.push({ role: "user", content });
      results = message.role === "tool";
      continue;
    }
    results = false;
    const calls = callsOf(message);
    if (calls === null) {
      rewritten.push(message);
      continue;
    }
    for (const { id, name } of calls) if (id !== null) names.set(id, name);
    const { tool_calls: _, ...rest } = message;
    const written = calls.map((call) => syntax.write(call.name, call.arguments));
    rewritten.push({
      ...rest,
      content: [message.content, ...written].filter((text) => text !== "").join("\n"),
    });
  }
  return rewritten;
}

function resultText(message: ChatMessage, names: ReadonlyMap<string, string>): string {
  const id = message["tool_call_id"];
  const name = message["name"] ?? (typeof id === "string" ? names.get(id) : undefined);
  const result = { ...(typeof name === "string" ? { name } : {}), content: message.content };
  return `<tool_response>\n${inElement(result)}\n</tool_response>`;
}
