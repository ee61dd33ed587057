import { chatCompletionRequest, type ChatCompletionRequest } from "@hearth/wire/openai/chat-request";
import {
  chatCompletion,
  type ChatCompletion,
  type ChatCompletionChunk,
} from "@hearth/wire/openai/chat-response";
import { answerHeaders } from "../answer-headers.ts";
import { collect } from "../collect.ts";
import { operation } from "../operation.ts";
import type { Answer, AnswerRequest } from "../services.ts";
import { eventStream } from "../sse.ts";
import { identityOf, usageOf } from "./answer.ts";
import { chatPrompt, maxTokensOf, refuseLoneStreamOptions } from "./chat-prompt.ts";
import { samplingOf, stopStringsOf } from "./sampling.ts";
import { openaiEvents, type ChunkWriter } from "./stream.ts";

export const createChatCompletion = operation({
  method: "POST",
  path: "/v1/chat/completions",
  name: "createChatCompletion",
  summary: "Answer a conversation (OpenAI)",
  tag: "openai",
  dialect: "openai",
  body: chatCompletionRequest,
  responses: {
    200: {
      description: "The completion; with `stream: true`, server-sent chunks and `[DONE]`",
      schema: chatCompletion,
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

function answerRequest(body: ChatCompletionRequest, receivedAt: number): AnswerRequest {
  return {
    model: body.model,
    endpoint: "/v1/chat/completions",
    receivedAt,
    user: body.user ?? null,
    prompt: chatPrompt(body.messages),
    maxTokens: maxTokensOf(body),
    stop: stopStringsOf(body.stop),
    sampling: samplingOf(body),
  };
}

async function whole(answer: Answer): Promise<ChatCompletion> {
  const { text, done } = await collect(answer);
  return {
    ...identityOf(answer, "chatcmpl"),
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: text, refusal: null },
        logprobs: null,
        finish_reason: done.finishReason,
      },
    ],
    usage: usageOf(answer, done.completionTokens),
  };
}

function chunks(answer: Answer): ChunkWriter {
  const identity = { ...identityOf(answer, "chatcmpl"), object: "chat.completion.chunk" as const };
  type Choice = ChatCompletionChunk["choices"][number];
  const chunk = (
    delta: Choice["delta"],
    finish_reason: Choice["finish_reason"] = null,
  ): ChatCompletionChunk => ({
    ...identity,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  return {
    first: () => chunk({ role: "assistant", content: "" }),
    text: (content) => chunk({ content }),
    last: (finishReason) => chunk({}, finishReason),
    usage: (usage): ChatCompletionChunk => ({ ...identity, choices: [], usage }),
  };
}
