import { basename, dirname } from "node:path";
import type { ChatPrompt, GenerateRequest, Sampling } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import { capabilitiesOf } from "./capabilities.ts";

/** What is known of the server and its model when a request is written. */
export interface Served {
  /** The model's folder, as the server knows it. */
  model: string;
  contextSize: number;
  /** Ours, with what its stream tells in addition; else one that is attached as it is. */
  own: boolean;
  chatTemplate: boolean;
  tools: boolean;
}

export interface WireRequest {
  path: "/v1/chat/completions" | "/v1/completions";
  body: Record<string, unknown>;
}

/**
 * A request as mlx_lm.server has it, always streamed. It passes over fields that it does not know, so that
 * what it cannot do is refused here, by name. Every default is sent: its own differ (temperature 0, 512 tokens).
 * Stop strings are not among the fields: it finds them by tokens and so not always.
 *
 * Errors: InvalidRequest with `details.field`.
 */
export function wireRequest(served: Served, request: GenerateRequest): WireRequest {
  const { prompt, maxTokens, sampling, logprobs = null } = request;
  refuseUnknown(served, request);
  const common = {
    model: served.model,
    ...(request.adapter === null ? {} : { adapters: adapterFolder(request.adapter.path) }),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: Math.min(maxTokens ?? served.contextSize, served.contextSize),
    ...samplingFields(sampling),
    ...(logprobs === null ? {} : { logprobs: true, ...(logprobs === 0 ? {} : { top_logprobs: logprobs }) }),
  };
  if (prompt.kind === "chat")
    return { path: "/v1/chat/completions", body: { ...common, ...chatFields(served, prompt, request) } };
  if (prompt.kind === "tokens" && !served.own)
    throw refused("prompt", "an mlx_lm.server that is attached takes no token numbers; give text");
  return {
    path: "/v1/completions",
    body: { ...common, prompt: prompt.kind === "text" ? prompt.text : prompt.tokens },
  };
}

/** The fields of a chat that decide about its tokens. Errors: InvalidRequest. */
export function chatFields(
  served: Pick<Served, "chatTemplate" | "tools">,
  { messages, tools = [], templateVariables = {} }: ChatPrompt,
  { toolChoice = "auto", parallelToolCalls = true }: Partial<GenerateRequest> = {},
): Record<string, unknown> {
  if (!served.chatTemplate)
    throw refused("messages", "this model has no chat template; ask it through /v1/completions");
  const told = toolChoice === "none" ? [] : tools;
  if (told.length > 0) {
    if (!served.tools) throw refused("tools", "mlx-lm knows no way of calling tools for this model");
    if (toolChoice !== "auto") throw refused("tool_choice", "mlx_lm.server cannot hold a model to a call");
    if (!parallelToolCalls)
      throw refused("parallel_tool_calls", "mlx_lm.server cannot hold a model to one call");
    if (told.some(({ strict }) => strict))
      throw refused("tools.function.strict", "mlx_lm.server cannot hold a model to a schema");
  }
  return {
    messages,
    ...(told.length === 0
      ? {}
      : {
          tools: told.map(({ name, description, parameters }) => ({
            type: "function",
            function: {
              name,
              ...(description === null ? {} : { description }),
              parameters: parameters ?? { type: "object" },
            },
          })),
        }),
    ...(Object.keys(templateVariables).length === 0 ? {} : { chat_template_kwargs: templateVariables }),
  };
}

/** mlx-lm's adapters are folders; the registry may name the file of the weights in it. */
function adapterFolder(path: string): string {
  return basename(path) === "adapters.safetensors" ? dirname(path) : path;
}

function refuseUnknown(served: Served, request: GenerateRequest): void {
  const { maxTokens, sampling, output, logprobs = null, promptLogprobs = null } = request;
  const capabilities = capabilitiesOf(served.own);
  if (maxTokens !== null && maxTokens < 1)
    throw refused("max_tokens", "mlx_lm.server gives one token at least");
  if (output !== undefined && output.kind !== "text")
    throw refused("response_format", "mlx_lm.server cannot hold an answer to a form");
  if (promptLogprobs !== null) throw refused("echo", "mlx_lm.server tells nothing of the prompt's tokens");
  for (const [name, field, neutral] of penalties) {
    if (sampling[name] !== neutral)
      throw refused(field, "mlx_lm.server counts the prompt's last tokens in, which is another thing");
  }
  if (logprobs === null) return;
  if (capabilities.logprobs === null)
    throw refused("logprobs", "an mlx_lm.server that is attached does not tell them in its stream");
  if (logprobs > capabilities.logprobs)
    throw refused("top_logprobs", `mlx_lm.server tells ${capabilities.logprobs} at most`);
  if (sampling.logitBias.size > 0)
    throw refused(
      "logit_bias",
      "with logprobs, mlx_lm.server tells probabilities that have the bias in them",
    );
}

const penalties = [
  ["frequencyPenalty", "frequency_penalty", 0],
  ["presencePenalty", "presence_penalty", 0],
  ["repetitionPenalty", "repetition_penalty", 1],
] as const satisfies [keyof Sampling, string, number][];

/** With a seed a request is computed by itself, after the others: mlx-lm has one generator of random numbers. */
function samplingFields({
  temperature,
  topP,
  topK,
  minP,
  seed,
  logitBias,
}: Sampling): Record<string, unknown> {
  return {
    temperature,
    top_p: topP,
    top_k: topK,
    min_p: minP,
    ...(seed === null ? {} : { seed }),
    ...(logitBias.size === 0 ? {} : { logit_bias: Object.fromEntries(logitBias) }),
  };
}

function refused(field: string, reason: string): InvalidRequest {
  return new InvalidRequest(`${field} cannot be given to a model of the mlx engine: ${reason}.`, {
    field,
    engine: "mlx",
  });
}
