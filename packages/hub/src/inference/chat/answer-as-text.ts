import { canonical } from "../grammar/schema/json-value.ts";
import { hermesSyntax } from "./formats/hermes.ts";
import { asObject, type MessageCall } from "./message-calls.ts";

/**
 * What an answer says and calls as one text, so that two answers can be compared: each call between `<tool_call>` and
 * `</tool_call>`, with the names of its arguments in order, however the model writes them.
 */
export function answerAsText(
  content: string,
  calls: readonly Pick<MessageCall, "name" | "arguments">[],
): string {
  const written = calls.map(({ name, arguments: args }) => {
    // The call of an answer that was cut off may be no JSON.
    const object = asObject(args);
    return hermesSyntax.write(name, object === null ? args : canonical(object));
  });
  return [content, ...written].filter((text) => text !== "").join("\n");
}
