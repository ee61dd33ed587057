import { renderChat } from "../../model-files/chat-template.ts";
import type { TemplateMessage } from "../../model-files/chat-template.ts";
import { ModelFileInvalid } from "../../model-files/invalid.ts";

/** How a template takes calls in messages of the assistant. */
export interface CallShape {
  /** `text`: the JSON text of the arguments, which the template puts in as it is. */
  arguments: "object" | "text";
  /** A message that holds only calls has no content, or an empty one. */
  content: null | "";
}

/** What a template does with a conversation that it is given. */
export interface TemplateAbilities {
  /** Writes a system message out, and does not refuse it or leave it out. */
  system: boolean;
  /** Writes the descriptions of `tools`. */
  tools: boolean;
  /** Null: it does not write calls and their results. */
  calls: CallShape | null;
}

/**
 * Tries a template with small conversations: what its text says of tools is not what it does with them, and some
 * use what this machine's renderer has not got.
 */
export function abilitiesOf(template: string): TemplateAbilities {
  return {
    system:
      render(template, [{ role: "system", content: "probe-system" }, greeting], [])?.includes(
        "probe-system",
      ) ?? false,
    tools: render(template, [greeting], [tool])?.includes("probe_function") ?? false,
    calls: callShape(template),
  };
}

const greeting: TemplateMessage = { role: "user", content: "Hi" };
/** Some templates fail over what a schema leaves out, and over what is nested in it. */
const tool = {
  type: "function",
  function: {
    name: "probe_function",
    description: "a function",
    parameters: {
      type: "object",
      properties: {
        "probe-key": { type: "string" },
        list: { type: "array", items: { type: "object", properties: { one: { enum: [1, "two"] } } } },
      },
    },
  },
};
const args = { "probe-key": "probe-value" };

/** Most templates want the arguments as an object, and leave a message without content as it is. */
function callShape(template: string): CallShape | null {
  for (const form of ["object", "text"] as const) {
    const empty = renderCall(template, { arguments: form, content: "" });
    const absent = renderCall(template, { arguments: form, content: null });
    if (absent !== null && (empty === null || wordsForNothing(absent) <= wordsForNothing(empty)))
      return { arguments: form, content: null };
    if (empty !== null) return { arguments: form, content: "" };
  }
  return null;
}

/** The conversation as text; null when something of the call is missing in it, or stands there as a quoted text. */
function renderCall(template: string, shape: CallShape): string | null {
  // Mistral's templates want ids of nine characters.
  const id = "probecall";
  const call = {
    name: "probe_function",
    arguments: shape.arguments === "object" ? args : JSON.stringify(args),
  };
  const text = render(
    template,
    [
      greeting,
      { role: "assistant", content: shape.content, tool_calls: [{ id, type: "function", function: call }] },
      { role: "tool", content: "probe-result", tool_call_id: id, name: "probe_function" },
    ],
    [],
  );
  const whole = ["probe_function", "probe-key", "probe-value", "probe-result"].every((part) =>
    text?.includes(part),
  );
  return text === null || !whole || text.includes(String.raw`\"probe-key`) ? null : text;
}

/** What an absent value looks like where a template writes it out. */
function wordsForNothing(text: string): number {
  return text.match(/null|None|undefined/g)?.length ?? 0;
}

function render(
  template: string,
  messages: readonly TemplateMessage[],
  tools: readonly unknown[],
): string | null {
  const extra = tools.length === 0 ? {} : { tools };
  try {
    const segments = renderChat(template, { messages, extra, specialTokens: [], addGenerationPrompt: true });
    return segments.map((segment) => ("text" in segment ? segment.text : segment.special)).join("");
  } catch (error) {
    if (error instanceof ModelFileInvalid) return null;
    throw error;
  }
}
