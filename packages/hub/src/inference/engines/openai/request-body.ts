import type { ChatPrompt, GenerateRequest, Sampling, ToolChoice } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import { mostAlternatives } from "./capabilities.ts";
import type { Extension, ServerAddress } from "./server.ts";

export interface WireRequest {
  path: "chat/completions" | "completions";
  body: { model: string } & Record<string, unknown>;
}

type Target = Pick<ServerAddress, "provider" | "url" | "extensions">;

/**
 * A request as OpenAI's API has it, always streamed. What the provider has no field for is refused by name and
 * never left out. Temperature and top_p are always sent, because servers differ in what they do without them.
 *
 * Errors: InvalidRequest with `details.field`.
 */
export function wireRequest(server: Target, model: string, request: GenerateRequest): WireRequest {
  if (request.adapter !== null)
    throw refused(server, "adapter", "an adapter of this hub cannot answer on another server");
  if (request.promptLogprobs !== null && request.promptLogprobs !== undefined)
    throw refused(server, "echo", "other servers' log probabilities of a prompt are not read");
  const { prompt, maxTokens, stop, sampling } = request;
  if (prompt.kind !== "chat" && maxTokens === null)
    throw refused(
      server,
      "max_tokens",
      "of a plain text OpenAI's API gives 16 tokens when nothing is said; say how many",
    );
  const common = {
    model,
    stream: true,
    stream_options: { include_usage: true },
    ...(maxTokens === null ? {} : { [maxTokensField(server, prompt.kind)]: maxTokens }),
    ...(stop.length === 0 ? {} : { stop }),
    ...samplingFields(server, sampling),
  };
  if (prompt.kind === "chat")
    return { path: "chat/completions", body: { ...common, ...chatFields(server, prompt, request) } };
  if (request.output !== undefined && request.output.kind !== "text")
    throw refused(server, "response_format", "OpenAI's completions of plain texts have no such field");
  return {
    path: "completions",
    body: {
      ...common,
      prompt: prompt.kind === "text" ? prompt.text : prompt.tokens,
      ...(isGiven(request.logprobs) ? { logprobs: alternatives(server, request.logprobs) } : {}),
    },
  };
}

function chatFields(server: Target, prompt: ChatPrompt, request: GenerateRequest): Record<string, unknown> {
  const { messages, tools = [], templateVariables = {} } = prompt;
  const { toolChoice = "auto", parallelToolCalls = true, output, logprobs } = request;
  const told = toolChoice === "none" ? [] : tools;
  return {
    messages,
    ...(told.length === 0
      ? {}
      : {
          tools: told.map(({ name, description, parameters, strict }) => ({
            type: "function",
            function: {
              name,
              ...(description === null ? {} : { description }),
              ...(parameters === null ? {} : { parameters }),
              ...(strict ? { strict } : {}),
            },
          })),
          ...(toolChoice === "auto" ? {} : { tool_choice: wireChoice(toolChoice) }),
          ...(parallelToolCalls ? {} : { parallel_tool_calls: false }),
        }),
    ...(output === undefined || output.kind === "text" ? {} : { response_format: responseFormat(output) }),
    ...(isGiven(logprobs) ? { logprobs: true, top_logprobs: alternatives(server, logprobs) } : {}),
    ...(Object.keys(templateVariables).length === 0
      ? {}
      : {
          [extension(server, "chat_template_kwargs", ["chat_template_kwargs"])]: templateVariables,
        }),
  };
}

function wireChoice(choice: ToolChoice): unknown {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };
}

function responseFormat(output: Exclude<NonNullable<GenerateRequest["output"]>, { kind: "text" }>): unknown {
  if (output.kind === "json_object") return { type: "json_object" };
  const { name, schema } = output;
  return { type: "json_schema", json_schema: { name, schema, strict: true } };
}

/** A field that the server has is sent even when it changes nothing: what its server does without it is not known. */
function samplingFields(server: Target, sampling: Sampling): Record<string, unknown> {
  const { temperature, topP, topK, minP, seed, repetitionPenalty, logitBias } = sampling;
  const { frequencyPenalty, presencePenalty } = sampling;
  return {
    temperature,
    top_p: topP,
    ...(seed === null ? {} : { seed }),
    ...(frequencyPenalty === 0 ? {} : { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty === 0 ? {} : { presence_penalty: presencePenalty }),
    ...(logitBias.size === 0 ? {} : { logit_bias: Object.fromEntries(logitBias) }),
    ...extended(server, "top_k", ["top_k"], topK, topK === 0),
    ...extended(server, "min_p", ["min_p"], minP, minP === 0),
    ...extended(
      server,
      "repetition_penalty",
      ["repetition_penalty", "repeat_penalty"],
      repetitionPenalty,
      repetitionPenalty === 1,
    ),
  };
}

function extended(
  server: Target,
  field: string,
  names: Extension[],
  value: number,
  neutral: boolean,
): Record<string, number> {
  if (neutral && !names.some((name) => server.extensions.includes(name))) return {};
  return { [extension(server, field, names)]: value };
}

/** The first of these names that the provider understands. */
function extension(server: Target, field: string, names: Extension[]): Extension {
  const known = names.find((name) => server.extensions.includes(name));
  if (known !== undefined) return known;
  throw refused(
    server,
    field,
    `it is not in OpenAI's schema; if the provider understands it, put "${names.join('" or "')}" into its "extensions" in the hub's config.json`,
  );
}

function alternatives(server: Target, count: number): number {
  if (count <= mostAlternatives) return count;
  throw refused(server, "top_logprobs", `at most ${mostAlternatives} can be asked for`);
}

/** OpenAI's own newer models know the newer name only, most other servers the older one only. */
function maxTokensField({ url }: Target, kind: GenerateRequest["prompt"]["kind"]): string {
  const { hostname } = new URL(url);
  const newer = hostname === "api.openai.com" || hostname.endsWith(".openai.azure.com");
  return newer && kind === "chat" ? "max_completion_tokens" : "max_tokens";
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function refused({ provider }: Target, field: string, reason: string): InvalidRequest {
  return new InvalidRequest(`${field} cannot be given to the provider ${provider}: ${reason}.`, {
    field,
    provider,
  });
}
