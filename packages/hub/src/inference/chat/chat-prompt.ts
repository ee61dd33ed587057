import type { ChatMessage, TemplateMessage } from "../../model-files/chat-template.ts";
import type { ChatPrompt, Tool, ToolChoice } from "../engine.ts";
import { InvalidRequest } from "../errors.ts";
import { callsOf } from "./message-calls.ts";
import { describeTools } from "./described-tools.ts";
import { withCallsAsText } from "./rewritten-messages.ts";
import { shapedForTemplate } from "./shaped-messages.ts";
import { toolFormatOf } from "./tool-format.ts";
import type { ToolFormat } from "./tool-format.ts";
import { refuseUnreadVariables } from "./unread-variables.ts";

/** A conversation in the form that one model's template takes. */
export interface PreparedChat {
  /** For `renderChat`. */
  messages: TemplateMessage[];
  /** For `renderChat`: the template's further variables, and `tools` where it describes them itself. */
  extra: Record<string, unknown>;
  format: ToolFormat;
  /** The tools that the model hears of; empty when there are none, or the choice is `none`. */
  tools: readonly Tool[];
}

/**
 * Writes tools, calls and results the way a model's template takes them: as its own variables and messages, or
 * as text of ours where it knows nothing of tools. All of it is text from outside: `renderChat` keeps control
 * tokens in it from becoming any.
 *
 * Errors: InvalidRequest for calls in messages that are none, and for template variables that are not the
 * caller's or that the template does not read, naming the field.
 */
export function prepareChat(template: string | null, prompt: ChatPrompt, choice: ToolChoice): PreparedChat {
  if (template !== null) refuseUnreadVariables(template, prompt.templateVariables);
  const format = toolFormatOf(template);
  const tools = choice === "none" ? [] : (prompt.tools ?? []);
  const extra = variablesOf(prompt);
  if (tools.length > 0 && format.describesTools) extra["tools"] = tools.map(described);
  const known = prompt.messages.map((message) => withoutEmptyCalls(withKnownRole(message, template)));
  const messages = shaped(known, format);
  if (tools.length > 0 && !format.describesTools)
    putInFront(messages, describeTools(tools, format.syntax, format.calls === null));
  return { messages: format.system ? messages : withoutSystem(messages), extra, format, tools };
}

/** What the hub says to a template itself. */
const ownVariables = ["messages", "tools", "add_generation_prompt", "bos_token", "eos_token"];

function variablesOf({ templateVariables = {} }: ChatPrompt): Record<string, unknown> {
  const taken = ownVariables.find((name) => Object.hasOwn(templateVariables, name));
  if (taken === undefined) return { ...templateVariables };
  throw new InvalidRequest(
    `The variable "${taken}" of the chat template comes from the request's other fields. Leave it out of the template's variables.`,
    { field: "chat_template_kwargs" },
  );
}

function shaped(messages: readonly ChatMessage[], { calls, syntax }: ToolFormat): TemplateMessage[] {
  if (!messages.some(speaksOfCalls)) return [...messages];
  return calls === null ? withCallsAsText(messages, syntax) : shapedForTemplate(messages, syntax, calls);
}

/** As OpenAI's API and Hugging Face's templates have it. Templates read `description` and `properties` unasked. */
function described({ name, description, parameters }: Tool): Record<string, unknown> {
  const schema = typeof parameters === "object" && parameters !== null ? parameters : {};
  return {
    type: "function",
    function: {
      name,
      description: description ?? "",
      parameters: { type: "object", properties: {}, ...schema },
    },
  };
}

function speaksOfCalls(message: ChatMessage): boolean {
  return message.role === "tool" || callsOf(message) !== null;
}

/** `developer` is the newer name of `system`, which few templates know. */
function withKnownRole(message: ChatMessage, template: string | null): ChatMessage {
  if (message.role !== "developer" || template?.includes("developer") === true) return message;
  return { ...message, role: "system" };
}

/** Some templates ask only whether a message has the field. */
function withoutEmptyCalls(message: ChatMessage): ChatMessage {
  if (!Object.hasOwn(message, "tool_calls") || callsOf(message) !== null) return message;
  const { tool_calls: _, ...rest } = message;
  return rest;
}

/** Puts a text behind that of the system message, or makes one. */
function putInFront(messages: TemplateMessage[], text: string): void {
  const [first] = messages;
  if (first === undefined || !isSystem(first)) messages.unshift({ role: "system", content: text });
  else messages[0] = { ...first, content: `${first.content ?? ""}\n\n${text}` };
}

/** Where there can be no system message, the first of the user begins with its text. */
function withoutSystem(messages: TemplateMessage[]): TemplateMessage[] {
  const [first, second, ...rest] = messages;
  if (first === undefined || !isSystem(first)) return messages;
  if (second?.role !== "user") return [{ ...first, role: "user" }, ...messages.slice(1)];
  return [{ ...second, content: `${first.content ?? ""}\n\n${second.content ?? ""}` }, ...rest];
}

function isSystem({ role }: TemplateMessage): boolean {
  return role === "system" || role === "developer";
}
