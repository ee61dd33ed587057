import { chatCompletionRequest, type ChatCompletionRequest } from "@hearth/wire/openai/chat-request";
import { chatCompletion } from "@hearth/wire/openai/chat-response";
import { answerHeaders } from "../answer-headers.ts";
import { operation } from "../operation.ts";
import type { AnswerRequest } from "../services.ts";
import { eventStream } from "../sse.ts";
import { chatChunks, chatCompletionOf } from "./chat-answer.ts";
import { chatPrompt, maxTokensOf, variableNames } from "./chat-prompt.ts";
import { startChoices } from "./choices.ts";
import { collectChoices } from "./collect-choices.ts";
import { addressed, truncation } from "./hearth-fields.ts";
import { outputFormOf } from "./output-form.ts";
import { refusal, refuseLoneStreamOptions, renamed } from "./refuse.ts";
import { samplingOf, samplingOfChoice, stopStringsOf } from "./sampling.ts";
import { openaiEvents } from "./stream.ts";
import { toolsOf } from "./tools.ts";

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
    const count = body.n ?? 1;
    const logprobs = body.logprobs === true;
    const requests = answerRequests(body, count, receivedAt);
    const choices = await startChoices(services.generation, requests, signal).catch((error: unknown) => {
      const { reasoning_effort: effort, chat_template_kwargs: variables } = body;
      throw renamed(error, variableNames("reasoning_effort", effort, variables));
    });
    const headers = answerHeaders(choices.first);
    if (body.stream === true) {
      const includeUsage = body.stream_options?.include_usage === true;
      const options = { includeUsage, answersPerPrompt: count, requestId };
      return eventStream(openaiEvents(choices.events, chatChunks(choices, logprobs), options), headers);
    }
    const whole = await collectChoices(choices.events, count);
    return Response.json(chatCompletionOf(choices, whole, logprobs), { headers });
  },
});

function answerRequests(body: ChatCompletionRequest, count: number, receivedAt: number): AnswerRequest[] {
  const { choice } = toolsOf(body.tools, body.tool_choice);
  const request: AnswerRequest = {
    ...addressed(body, "/v1/chat/completions", receivedAt),
    ...truncation(body),
    prompt: chatPrompt(body),
    maxTokens: maxTokensOf(body),
    stop: stopStringsOf(body.stop),
    sampling: samplingOf(body),
    toolChoice: choice,
    parallelToolCalls: body.parallel_tool_calls ?? true,
    output: outputFormOf(body.response_format),
    logprobs: logprobsOf(body),
  };
  return Array.from({ length: count }, (_, number) => ({
    ...request,
    sampling: samplingOfChoice(request.sampling, number),
  }));
}

function logprobsOf({ logprobs, top_logprobs: top }: ChatCompletionRequest): number | null {
  if (logprobs === true) return top ?? 0;
  if ((top ?? 0) > 0)
    throw refusal(
      "top_logprobs",
      "top_logprobs is set and logprobs is not true; send logprobs: true with it.",
    );
  return null;
}
