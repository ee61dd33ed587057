import { completion, completionRequest, type CompletionRequest } from "@hearth/wire/openai/completion";
import { answerHeaders } from "../answer-headers.ts";
import { operation } from "../operation.ts";
import type { AnswerRequest } from "../services.ts";
import { eventStream } from "../sse.ts";
import { bestChoices } from "./best-of.ts";
import { startChoices } from "./choices.ts";
import { collectChoices } from "./collect-choices.ts";
import { completionChunks, completionOf, CompletionView } from "./completion-answer.ts";
import { promptsOf, type CompletionPrompt } from "./completion-prompts.ts";
import { addressed, truncation } from "./hearth-fields.ts";
import { isGiven, refusal, refuseLoneStreamOptions, renamed } from "./refuse.ts";
import { samplingOf, samplingOfChoice, stopStringsOf } from "./sampling.ts";
import { openaiEvents } from "./stream.ts";

/** OpenAI's own default for this endpoint. */
const defaultMaxTokens = 16;
/** Answers of one request, over all its prompts. */
const mostAnswers = 2048;

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
    const { kept, made } = countsOf(body);
    const prompts = promptsOf(body.prompt);
    const requests = answerRequests(body, prompts, made, receivedAt);
    const choices = await startChoices(services.generation, requests, signal).catch((error: unknown) => {
      const logprobs = isGiven(body.logprobs) ? "logprobs" : "best_of";
      throw renamed(error, { logprobs, top_logprobs: "logprobs", messages: "prompt" });
    });
    const view = new CompletionView(body);
    const headers = answerHeaders(choices.first);
    if (body.stream === true) {
      const writer = completionChunks(choices, view, (index) => prompts[Math.floor(index / made)]);
      const includeUsage = body.stream_options?.include_usage === true;
      const options = { includeUsage, answersPerPrompt: made, requestId };
      return eventStream(openaiEvents(choices.events, writer, options), headers);
    }
    const { choices: answers, usage } = await collectChoices(choices.events, made);
    const best = { choices: bestChoices(answers, made, kept), usage };
    const whole = completionOf(choices, best, view, (index) => prompts[Math.floor(index / kept)]);
    return Response.json(whole, { headers });
  },
});

/** Answers to give and to make for each prompt. */
function countsOf(body: CompletionRequest): { kept: number; made: number } {
  const kept = body.n ?? 1;
  const made = body.best_of ?? kept;
  if (made < kept)
    throw refusal("best_of", `best_of is ${made} and n is ${kept}; best_of must be at least n.`);
  if (made > kept && body.stream === true)
    throw refusal("best_of", `best_of is ${made} and n is ${kept}; in a stream they must be equal.`);
  if (body.max_tokens === 0 && body.echo !== true)
    throw refusal("max_tokens", "max_tokens is 0, which needs echo: true; send at least 1.");
  return { kept, made };
}

function answerRequests(
  body: CompletionRequest,
  prompts: readonly CompletionPrompt[],
  made: number,
  receivedAt: number,
): AnswerRequest[] {
  if (prompts.length * made > mostAnswers)
    throw refusal(
      "prompt",
      `prompt asks for ${prompts.length} × ${made} answers; one request makes at most ${mostAnswers}.`,
    );
  const sampling = samplingOf(body);
  const ranked = made > (body.n ?? 1);
  const shared = {
    ...addressed(body, "/v1/completions", receivedAt),
    ...truncation(body),
    // An engine gives at least one token; with `max_tokens: 0` nobody is shown it.
    maxTokens: Math.max(1, body.max_tokens ?? defaultMaxTokens),
    stop: stopStringsOf(body.stop),
    logprobs: body.logprobs ?? (ranked ? 0 : null),
  };
  return prompts.flatMap((prompt) =>
    Array.from({ length: made }, (_, number) => ({
      ...shared,
      prompt,
      sampling: samplingOfChoice(sampling, number),
      promptLogprobs: promptLogprobsOf(body, prompt),
    })),
  );
}

/** Of token ids only the engine knows the text; it comes with their probabilities. */
function promptLogprobsOf({ echo, logprobs }: CompletionRequest, prompt: CompletionPrompt): number | null {
  if (echo !== true) return null;
  return logprobs ?? (prompt.kind === "tokens" ? 0 : null);
}
