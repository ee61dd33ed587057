import { Template } from "@huggingface/jinja";
import { ModelFileInvalid, quoted } from "./invalid.ts";
import { neutraliser } from "./neutralise.ts";

/** A stretch of plain text, or one control token. */
export type Segment = { text: string } | { special: string };

export interface ChatMessage {
  role: string;
  content: string;
  [key: string]: unknown;
}

export interface RenderOptions {
  messages: readonly ChatMessage[];
  /** The model's control tokens, as text. */
  specialTokens: Iterable<string>;
  /** Ends with the opening of the assistant's turn. */
  addGenerationPrompt: boolean;
  bosToken?: string;
  eosToken?: string;
  /** Further variables of the template, such as `tools`; they may hold text from outside. */
  extra?: Readonly<Record<string, unknown>>;
}

const parsed = new Map<string, Template>();
const parsedLimit = 16;

/**
 * Renders a conversation with a model's own Jinja template into text and control tokens. Only what
 * the template itself writes becomes a control token: the same characters inside a message (or
 * inside `extra`) come out as plain text.
 *
 * A template runs without a bound on time and memory: render in the process of the model's engine
 * or trainer, never in the hub's.
 *
 * Errors: {@link ModelFileInvalid} with the template's own words when it does not parse or refuses
 * the conversation.
 */
export function renderChat(template: string, options: RenderOptions): Segment[] {
  const special = [...new Set(options.specialTokens)].filter((token) => token !== "");
  const { messages, extra = {} } = options;
  const guard = neutraliser(special, [template, special, messages, extra]);
  const rendered = run(template, {
    bos_token: options.bosToken ?? "",
    eos_token: options.eosToken ?? "",
    ...guard.hideAll(extra),
    messages: messages.map((message) => guard.hideAll(message)),
    add_generation_prompt: options.addGenerationPrompt,
  });
  return split(rendered, special).map((segment) =>
    "text" in segment ? { text: guard.reveal(segment.text) } : segment,
  );
}

function run(template: string, variables: Record<string, unknown>): string {
  let compiled = parsed.get(template);
  try {
    compiled ??= new Template(template);
    remember(template, compiled);
    return compiled.render(variables);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const step = compiled === undefined ? "cannot be read" : "refused the conversation";
    throw new ModelFileInvalid(`The model's chat template ${step}: ${quoted(reason, 300)}.`, {
      cause: error,
      details: { reason },
    });
  }
}

function remember(template: string, compiled: Template): void {
  if (parsed.has(template)) return;
  const oldest = parsed.keys().next();
  if (parsed.size >= parsedLimit && oldest.done !== true) parsed.delete(oldest.value);
  parsed.set(template, compiled);
}

/** The token as a pattern that matches only itself. */
function literal(token: string): string {
  return token.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** Cuts rendered text at control tokens; where several match, the longest. */
function split(rendered: string, special: readonly string[]): Segment[] {
  if (special.length === 0) return rendered === "" ? [] : [{ text: rendered }];
  const longestFirst = special.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(literal).join("|"), "gu");
  const segments: Segment[] = [];
  let end = 0;
  for (const match of rendered.matchAll(pattern)) {
    if (match.index > end) segments.push({ text: rendered.slice(end, match.index) });
    segments.push({ special: match[0] });
    end = match.index + match[0].length;
  }
  if (end < rendered.length) segments.push({ text: rendered.slice(end) });
  return segments;
}

/** The ChatML form (one `<|im_start|>role … <|im_end|>` a message), for models that Hearth makes. */
export const chatmlTemplate = `{%- for message in messages -%}
{%- if message['role'] not in ['system', 'user', 'assistant'] -%}
{{- raise_exception("a message has the role '" ~ message['role'] ~ "'; only system, user and assistant are possible") -}}
{%- endif -%}
{{- '<|im_start|>' ~ message['role'] ~ '\\n' ~ message['content'] ~ '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\\n' -}}
{%- endif -%}
`;
