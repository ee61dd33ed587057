import type { InferenceRequest } from "@hearth/wire/hub/inference";
import { keepAliveMs } from "../../keep-alive.ts";
import type { AnswerRequest } from "../../services.ts";

/** The hub's own inference body as a generation: the prompt is continued as it is, without a chat template. */
export function answerRequest(body: InferenceRequest, endpoint: string, receivedAt: number): AnswerRequest {
  return {
    model: body.model_id,
    endpoint,
    receivedAt,
    keepAliveMs: keepAliveMs(body.keep_alive),
    prompt: { kind: "text", text: body.prompt },
    maxTokens: body.max_tokens,
    stop: [],
    sampling: {
      temperature: body.temperature,
      topP: body.top_p,
      topK: 0,
      minP: 0,
      seed: body.seed ?? null,
      frequencyPenalty: 0,
      presencePenalty: 0,
      repetitionPenalty: 1,
      logitBias: new Map(),
    },
  };
}
