import { Template } from "@huggingface/jinja";
import { controlTokens } from "./control-tokens.ts";
import { ModelFileInvalid, quoted } from "./invalid.ts";
import { neutraliser } from "./neutralise.ts";

/** A stretch of plain text, or one control token. */
export type Segment = { text: string } | { special: string };

export interface ChatMessage {
  role: string;
  content: string;
  [key: string]: unknown;
}

/** A message as templates take it: beside calls of tools there may be no content. */
export interface TemplateMessage {
  role: string;
  content: string | null;
  [key: string]: unknown;
}

export interface RenderOptions {
  messages: readonly TemplateMessage[];
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
  const control = controlTokens(options.specialTokens);
  const { messages, extra = {} } = options;
  const guard = neutraliser(control, [template, messages, extra]);
  const rendered = run(template, {
    bos_token: options.bosToken ?? "",
    eos_token: options.eosToken ?? "",
    ...guard.hideAll(extra),
    messages: messages.map((message) => guard.hideAll(message)),
    add_generation_prompt: options.addGenerationPrompt,
  });
  return control
    .split(rendered)
    .map(({ text, isToken }) => (isToken ? { special: text } : { text: guard.reveal(text) }));
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
