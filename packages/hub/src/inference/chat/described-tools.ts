import type { Tool } from "../engine.ts";
import type { CallSyntax } from "./call-syntax.ts";

/** What a model is told of tools whose template does not do so. `resultsAsText`: results come in our own form. */
export function describeTools(tools: readonly Tool[], syntax: CallSyntax, resultsAsText: boolean): string {
  const lines = tools.map(({ name, description, parameters }) =>
    inElement({
      name,
      ...(description === null ? {} : { description }),
      parameters: parameters ?? { type: "object" },
    }),
  );
  return [
    "You can call functions to help with the user's request. They are described here, one JSON object a line:",
    "<tools>",
    ...lines,
    "</tools>",
    "To call a function, write its name and its arguments exactly in this form, once for each call:",
    syntax.write("name_of_the_function", '{"name_of_an_argument": "value"}'),
    ...(resultsAsText
      ? ["What it returns comes back to you between <tool_response> and </tool_response>."]
      : []),
    "Answer without a call when no function is needed.",
  ].join("\n");
}

/** JSON that cannot end the element it stands in. */
export function inElement(value: unknown): string {
  return JSON.stringify(value).replaceAll("</", String.raw`<\/`);
}
