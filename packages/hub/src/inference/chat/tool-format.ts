import { abilitiesOf } from "./template-probe.ts";
import type { CallShape } from "./template-probe.ts";
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
  /** How the template takes messages with `tool_calls` and of the role `tool`; null: they become texts. */
  calls: CallShape | null;
  /** There can be a system message. */
  system: boolean;
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
  { syntax: llamaSyntax, signs: ["<|start_header_id|>", '{"name": ', '"parameters"'] },
];

const known = new Map<string, ToolFormat>();
const knownLimit = 16;

/**
 * The way of calling tools that a model's chat template shows, found from its text, and what the template does
 * with tools, calls and system messages, tried out. A model whose template says nothing of tools, or nothing that
 * we know, is asked to call them in Hermes' form.
 */
export function toolFormatOf(template: string | null): ToolFormat {
  if (template === null) return { syntax: hermesSyntax, describesTools: false, calls: null, system: true };
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
  const { system, tools, calls } = abilitiesOf(template);
  if (trait === undefined || foreign.test(template))
    return { syntax: hermesSyntax, describesTools: false, calls: null, system };
  return { syntax: trait.syntax, describesTools: tools, calls, system };
}

/** Forms that look like those above and are others: GLM's elements inside of `<tool_call>`, Nemotron's lists. */
const foreign = /<arg_(?:key|value)>|<TOOLCALL>/;
