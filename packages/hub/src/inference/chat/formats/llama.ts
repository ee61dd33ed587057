import type { CallSyntax } from "../call-syntax.ts";
import { readCallObject } from "../json-call.ts";
import { nextVisible } from "../lexing.ts";
import { jsonCallRule, oneOrMore } from "./rules.ts";

const opening = "<|python_tag|>";

/**
 * Llama 3: the answer is the JSON object `{"name": …, "parameters": {…}}` and nothing else; some put
 * `<|python_tag|>` in front. Several calls, which its own template does not know, are set apart by `;`.
 * An answer in JSON that is no call of a known tool stays text.
 */
export const llamaSyntax: CallSyntax = {
  name: "llama",
  openings: [opening],
  bare: true,
  markers: [opening],
  write: (name, args) => `{"name": ${JSON.stringify(name)}, "parameters": ${args}}`,

  *read(source, calls) {
    for (let first = true; ; first = false) {
      const character = yield* nextVisible(source);
      const brace = !first && character === ";" ? yield* nextVisible(source) : character;
      if (brace !== "{") {
        if (!first) source.back(source.held.length);
        else if (brace !== "") source.back(1);
        return !first;
      }
      if (!(yield* readCallObject(source, calls, { sure: true }))) return false;
      source.commit();
    }
  },

  grammar(grammar, tools, many) {
    const call = grammar.add("tool-call", jsonCallRule(grammar, tools, "parameters"));
    return many ? oneOrMore(call, '"; "') : call;
  },
};
