import type { CallSyntax } from "./call-syntax.ts";
import { deepseekFencedSyntax, deepseekSyntax } from "./formats/deepseek.ts";
import { harmonyAnswer, harmonySyntax } from "./formats/harmony.ts";
import { hermesSyntax } from "./formats/hermes.ts";
import { llamaSyntax } from "./formats/llama.ts";
import { mistralListSyntax, mistralNamedSyntax } from "./formats/mistral.ts";
import { qwenXmlSyntax } from "./formats/qwen-xml.ts";

/** How tools come into a model's prompt, and how the model calls them. */
export interface ToolFormat {
  syntax: CallSyntax;
  /** The template writes the descriptions of `tools`; otherwise a message of ours does. */
  describesTools: boolean;
  /** The template takes messages with `tool_calls` and of the role `tool`; otherwise they become texts. */
  showsCalls: boolean;
}

interface Trait {
  syntax: CallSyntax;
  /** What the template must hold, all of it. */
  signs: readonly string[];
}

/** The first that fits counts. */
const traits: readonly Trait[] = [
  { syntax: mistralNamedSyntax, signs: ["[TOOL_CALLS]", "[ARGS]"] },
  { syntax: mistralListSyntax, signs: ["[TOOL_CALLS]"] },
  { syntax: harmonySyntax, signs: [harmonyAnswer, "functions."] },
  { syntax: deepseekFencedSyntax, signs: ["<｜tool▁call▁begin｜>", "```json"] },
  { syntax: deepseekSyntax, signs: ["<｜tool▁call▁begin｜>"] },
  { syntax: qwenXmlSyntax, signs: ["<tool_call>", "<function=", "<parameter="] },
  { syntax: hermesSyntax, signs: ["<tool_call>", '"name"', '"arguments"'] },
  { syntax: hermesSyntax, signs: ["<tool_call>", "tool_call", "tojson"] },
  { syntax: llamaSyntax, signs: ["<|python_tag|>"] },
  { syntax: llamaSyntax, signs: ["<|start_header_id|>", '"parameters"'] },
];

/** What a model is asked to do whose template says nothing of tools, or nothing that we know. */
const ownFormat: ToolFormat = { syntax: hermesSyntax, describesTools: false, showsCalls: false };

const known = new Map<string, ToolFormat>();
const knownLimit = 16;

/** The way of calling tools that a model's chat template shows, found from its text alone. */
export function toolFormatOf(template: string | null): ToolFormat {
  if (template === null) return ownFormat;
  const before = known.get(template);
  if (before !== undefined) return before;
  const format = find(template);
  const oldest = known.keys().next();
  if (known.size >= knownLimit && oldest.done !== true) known.delete(oldest.value);
  known.set(template, format);
  return format;
}

function find(template: string): ToolFormat {
  const trait = traits.find(({ signs }) => signs.every((sign) => template.includes(sign)));
  const showsCalls = uses(template, "tool_calls");
  const describesTools = uses(template, "tools");
  if (trait === undefined || !showsCalls || elements.test(template)) return ownFormat;
  return { syntax: trait.syntax, describesTools, showsCalls };
}

/** GLM's arguments come in elements of their own inside of `<tool_call>`, which is no JSON. */
const elements = /<arg_(?:key|value)>/;

/** Whether the template's code, apart from its texts, speaks of a name. */
function uses(template: string, name: string): boolean {
  const word = new RegExp(`\\b${name}\\b`);
  for (const [block] of template.matchAll(/\{[{%][^]*?[%}]\}/g)) {
    // A name in brackets, `message['tool_calls']`, is code as well.
    const code = block.replaceAll(/(?<!\[)(?:'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*")/g, '""');
    if (word.test(code)) return true;
  }
  return false;
}
