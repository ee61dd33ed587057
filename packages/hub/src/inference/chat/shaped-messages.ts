import { createHash } from "node:crypto";
import type { ChatMessage, TemplateMessage } from "../../model-files/chat-template.ts";
import type { CallSyntax } from "./call-syntax.ts";
import { asObject, callsOf } from "./message-calls.ts";
import type { MessageCall } from "./message-calls.ts";
import type { CallShape } from "./template-probe.ts";

/**
 * The same conversation for a template that knows calls: arguments are objects or texts, as it wants them, and every result
 * names its function. What only some families want is done for those.
 */
export function shapedForTemplate(
  messages: readonly ChatMessage[],
  syntax: CallSyntax,
  shape: CallShape,
): TemplateMessage[] {
  const newId = syntax.name.startsWith("mistral") ? mistralId : (id: string): string => id;
  const names = new Map<string, string>();
  const shaped: TemplateMessage[] = [];
  for (const message of oneAtATime.has(syntax.name) ? oneCallEach(messages) : messages) {
    if (message.role === "tool") {
      shaped.push(shapedResult(message, names, newId));
      continue;
    }
    const calls = callsOf(message);
    if (calls === null) {
      shaped.push(message);
      continue;
    }
    for (const { id, name } of calls) if (id !== null) names.set(id, name);
    const thinking = syntax.name === "harmony" ? thoughtsOf(message) : {};
    shaped.push({
      ...message,
      ...thinking,
      content: message.content === "" ? shape.content : message.content,
      tool_calls: calls.map((call, index) => ({
        id: newId(call.id ?? `call_${index}`),
        type: "function",
        function: { name: call.name, arguments: shapedArguments(call, shape) },
      })),
    });
  }
  return shaped;
}

function shapedArguments(call: MessageCall, shape: CallShape): unknown {
  return shape.arguments === "text" ? call.arguments : (asObject(call.arguments) ?? {});
}

function shapedResult(
  message: ChatMessage,
  names: ReadonlyMap<string, string>,
  newId: (id: string) => string,
): ChatMessage {
  const id = message["tool_call_id"];
  if (typeof id !== "string") return message;
  const name = message["name"] ?? names.get(id);
  return { ...message, tool_call_id: newId(id), ...(name === undefined ? {} : { name }) };
}

/** Harmony's template has a name of its own for them, and takes them beside a call only where there is no text. */
function thoughtsOf({ content, reasoning_content: thoughts }: ChatMessage): Record<string, unknown> {
  return typeof thoughts === "string" && thoughts !== "" && content === "" ? { thinking: thoughts } : {};
}

/** Mistral's templates refuse every id that is not nine letters and digits. */
function mistralId(id: string): string {
  if (/^[A-Za-z0-9]{9}$/.test(id)) return id;
  return createHash("sha256").update(id).digest("hex").slice(0, 9);
}

/** Their templates refuse a message with several calls, or write the first of them only. */
const oneAtATime: ReadonlySet<string> = new Set(["llama", "harmony"]);

/** Each call gets a message of its own, before its result. */
function oneCallEach(messages: readonly ChatMessage[]): ChatMessage[] {
  const apart: ChatMessage[] = [];
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index];
    if (message === undefined) continue;
    const calls = callsOf(message);
    if (calls === null || calls.length < 2) {
      apart.push(message);
      continue;
    }
    const results: ChatMessage[] = [];
    while (messages[index + 1]?.role === "tool") results.push(...messages.slice(++index, index + 1));
    for (const [place, { id, ...call }] of calls.entries()) {
      const single = { id, type: "function", function: call };
      apart.push({ ...message, content: place === 0 ? message.content : "", tool_calls: [single] });
      const result = results.findIndex((candidate) => candidate["tool_call_id"] === id);
      if (result >= 0) apart.push(...results.splice(result, 1));
    }
    apart.push(...results);
  }
  return apart;
}
