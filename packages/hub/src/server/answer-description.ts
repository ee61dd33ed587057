import type { AnsweredBy, AnswerRequest, EmbeddingRequest } from "../api/services.ts";
import type { Prompt } from "../inference/engine.ts";
import type { AnswerSpanStart } from "../telemetry/answer-spans.ts";
import type { AnswerContent } from "../tracking/tracing/answer-content.ts";

/** Token ids of a prompt that are kept. */
const keptIds = 4096;

/** What was asked and answered, as a trace keeps it. */
export function contentOf(prompt: Prompt, text: string): AnswerContent {
  return { input: inputOf(prompt), output: text === "" ? null : text };
}

function inputOf(prompt: Prompt): AnswerContent["input"] {
  switch (prompt.kind) {
    case "chat":
      return {
        messages: prompt.messages.map(({ role, content }) => ({
          role,
          content: typeof content === "string" ? content : JSON.stringify(content),
        })),
      };
    case "text":
      return { prompt: prompt.text };
    case "tokens":
      return { prompt: `${prompt.tokens.length} tokens: ${prompt.tokens.slice(0, keptIds).join(" ")}` };
  }
}

/** What a span says of a request, by OpenTelemetry's conventions for generative AI. */
export function spanStart(
  request: AnswerRequest | EmbeddingRequest,
  by: AnsweredBy,
  responseId: string,
  traceparent: string | null,
): AnswerSpanStart {
  return {
    operation: operationOf(request),
    requestModel: request.model,
    responseModel: by.reference,
    responseId,
    traceparent,
    attributes: {
      ...("sampling" in request ? samplingAttributes(request) : {}),
      "hearth.endpoint": request.endpoint,
    },
  };
}

function operationOf(request: AnswerRequest | EmbeddingRequest): string {
  if (!("prompt" in request)) return "embeddings";
  return request.prompt.kind === "chat" ? "chat" : "text_completion";
}

function samplingAttributes({ sampling, maxTokens, stop }: AnswerRequest): AnswerSpanStart["attributes"] {
  const { temperature, topP, topK, frequencyPenalty, presencePenalty, seed } = sampling;
  return {
    "gen_ai.request.temperature": temperature,
    "gen_ai.request.top_p": topP,
    "gen_ai.request.frequency_penalty": frequencyPenalty,
    "gen_ai.request.presence_penalty": presencePenalty,
    ...(topK === 0 ? {} : { "gen_ai.request.top_k": topK }),
    ...(maxTokens === null ? {} : { "gen_ai.request.max_tokens": maxTokens }),
    ...(seed === null ? {} : { "gen_ai.request.seed": seed }),
    ...(stop.length === 0 ? {} : { "gen_ai.request.stop_sequences": stop }),
  };
}
