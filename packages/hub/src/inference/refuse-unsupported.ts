import type { Capabilities, GenerateRequest, Sampling } from "./engine.ts";
import { InvalidRequest } from "./errors.ts";

type Asked = Omit<GenerateRequest, "id" | "adapter">;

/** What a sampling field is when nobody asked for anything, and its name in OpenAI's requests. */
const samplingFields: Readonly<
  Record<keyof Sampling, { name: string; unset: (sampling: Sampling) => boolean }>
> = {
  temperature: { name: "temperature", unset: ({ temperature }) => temperature === 1 },
  topP: { name: "top_p", unset: ({ topP }) => topP === 1 },
  topK: { name: "top_k", unset: ({ topK }) => topK === 0 },
  minP: { name: "min_p", unset: ({ minP }) => minP === 0 },
  seed: { name: "seed", unset: ({ seed }) => seed === null },
  frequencyPenalty: { name: "frequency_penalty", unset: (sampling) => sampling.frequencyPenalty === 0 },
  presencePenalty: { name: "presence_penalty", unset: (sampling) => sampling.presencePenalty === 0 },
  repetitionPenalty: { name: "repetition_penalty", unset: (sampling) => sampling.repetitionPenalty === 1 },
  logitBias: { name: "logit_bias", unset: ({ logitBias }) => logitBias.size === 0 },
};

/**
 * Refuses what an engine would have to leave out of a request, so that it is never left out in silence.
 * Throws InvalidRequest with the field as OpenAI's chat completions name it.
 */
export function refuseUnsupported(capabilities: Capabilities, request: Asked): void {
  for (const [key, { name, unset }] of Object.entries(samplingFields)) {
    if (!unset(request.sampling) && !capabilities.sampling.some((field) => field === key))
      throw unsupported(name, `the engine of this model has no ${name}; leave it out`);
  }
  refuseOutput(capabilities, request);
  refuseTools(capabilities, request);
  refuseLogprobs(capabilities, request);
}

function refuseOutput({ output }: Capabilities, request: Asked): void {
  const kind = request.output?.kind ?? "text";
  if (kind === "text" || output.includes(kind)) return;
  throw unsupported("response_format", `the engine of this model cannot hold an answer to ${kind}`);
}

function refuseTools({ toolChoice }: Capabilities, request: Asked): void {
  const tools = request.prompt.kind === "chat" ? (request.prompt.tools ?? []) : [];
  const choice = request.toolChoice ?? (tools.length > 0 ? "auto" : "none");
  if (choice === "none") return;
  const kind = typeof choice === "string" ? choice : "named";
  if (toolChoice.includes(kind)) return;
  if (kind === "auto")
    throw unsupported("tools", "the engine of this model finds no calls of tools in an answer");
  throw unsupported("tool_choice", `the engine of this model cannot make sure of a call (${kind})`);
}

function refuseLogprobs(capabilities: Capabilities, request: Asked): void {
  const { logprobs = null, promptLogprobs = null } = request;
  const most = capabilities.logprobs;
  if (promptLogprobs !== null && !capabilities.promptLogprobs)
    throw unsupported("echo", "the engine of this model gives no log probabilities of a prompt");
  for (const asked of [logprobs, promptLogprobs]) {
    if (asked === null) continue;
    if (most === null) throw unsupported("logprobs", "the engine of this model gives no log probabilities");
    if (asked > most)
      throw unsupported("top_logprobs", `the engine of this model gives ${most} alternatives at most`);
  }
}

function unsupported(field: string, reason: string): InvalidRequest {
  return new InvalidRequest(`${field} is not possible here: ${reason}.`, { field });
}
