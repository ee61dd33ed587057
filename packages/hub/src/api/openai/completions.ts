import {
  completion,
  completionRequest,
  type Completion,
  type CompletionChunk,
  type CompletionRequest,
} from "@hearth/wire/openai/completion";
import type { Prompt } from "../../inference/engine.ts";
import { answerHeaders } from "../answer-headers.ts";
import { collect } from "../collect.ts";
import { operation } from "../operation.ts";
import type { Answer, AnswerRequest } from "../services.ts";
import { eventStream } from "../sse.ts";
import { identityOf, usageOf } from "./answer.ts";
import { refuseLoneStreamOptions } from "./chat-prompt.ts";
import { samplingOf, stopStringsOf } from "./sampling.ts";
import { openaiEvents, type ChunkWriter } from "./stream.ts";

/** OpenAI's own default for this endpoint. */
const defaultMaxTokens = 16;

export const createCompletion = operation({
  method: "POST",
  path: "/v1/completions",
  name: "createCompletion",
  summary: "Continue a text (OpenAI, legacy)",
  tag: "openai",
  dialect: "openai",
  body: completionRequest,
  responses: {
    200: {
      description: "The completion; with `stream: true`, server-sent chunks and `[DONE]`",
      schema: completion,
    },
  },
  async handle({ services, body, receivedAt, requestId, signal }) {
    refuseLoneStreamOptions(body);
    const answer = await services.generation.start(answerRequest(body, receivedAt), signal);
    if (body.stream === true) {
      const includeUsage = body.stream_options?.include_usage === true;
      return eventStream(
        openaiEvents(answer, chunks(answer), { includeUsage, requestId }),
        answerHeaders(answer),
      );
    }
    return Response.json(await whole(answer), { headers: answerHeaders(answer) });
  },
});

function answerRequest(body: CompletionRequest, receivedAt: number): AnswerRequest {
  return {
    model: body.model,
    endpoint: "/v1/completions",
    receivedAt,
    user: body.user ?? null,
    prompt: promptOf(body.prompt),
    maxTokens: body.max_tokens ?? defaultMaxTokens,
    stop: stopStringsOf(body.stop),
    sampling: samplingOf(body),
  };
}

function promptOf(prompt: CompletionRequest["prompt"]): Prompt {
  if (typeof prompt === "string") return { kind: "text", text: prompt };
  const tokens: number[] = [];
  for (const item of prompt) {
    if (typeof item === "string") return { kind: "text", text: item };
    if (typeof item !== "number") return { kind: "tokens", tokens: item };
    tokens.push(item);
  }
  return { kind: "tokens", tokens };
}

async function whole(answer: Answer): Promise<Completion> {
  const { text, done } = await collect(answer);
  return {
    ...identityOf(answer, "cmpl"),
    object: "text_completion",
    choices: [{ index: 0, text, logprobs: null, finish_reason: done.finishReason }],
    usage: usageOf(answer, done.completionTokens),
  };
}

function chunks(answer: Answer): ChunkWriter {
  const identity = { ...identityOf(answer, "cmpl"), object: "text_completion" as const };
  const chunk = (
    text: string,
    finish_reason: CompletionChunk["choices"][number]["finish_reason"] = null,
  ): CompletionChunk => ({
    ...identity,
    choices: [{ index: 0, text, logprobs: null, finish_reason }],
  });
  return {
    first: () => null,
    text: (text) => chunk(text),
    last: (finishReason) => chunk("", finishReason),
    usage: (usage): CompletionChunk => ({ ...identity, choices: [], usage }),
  };
}
