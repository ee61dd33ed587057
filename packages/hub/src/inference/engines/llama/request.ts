import type { Prompt, ToolChoice } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import { chatGrammar } from "../../chat/chat-grammar.ts";
import { ChatReader } from "../../chat/chat-reader.ts";
import { hermesSyntax } from "../../chat/formats/hermes.ts";
import { Answer } from "./answer.ts";
import { Generation } from "./generation.ts";
import type { LogprobReader } from "./logprob-reader.ts";
import { LogprobWatch } from "./logprob-watch.ts";
import type { LoadedLlama } from "./model.ts";
import type { ChatForm, ReadPrompt } from "./prompt.ts";
import { leastTokens } from "./prompt-bytes.ts";
import type { LlamaRequest } from "./protocol.ts";
import { evaluateOptions, mostLogprobs } from "./sampling.ts";
import type { Slot } from "./slot.ts";

/** A request that can be answered and waits for a slot. */
export interface Waiting {
  request: LlamaRequest;
  prompt: number[];
  /** Where in the prompt the answer begins that is to be scored; 0: there is none. */
  scoredFrom: number;
  /** How the answer of a chat is to be read; null for another prompt. */
  chat: ChatForm | null;
  /** GBNF that the answer must follow; null: it is free. */
  grammar: string | null;
  /** Most tokens to generate. */
  limit: number;
  /** When it came, in milliseconds of `performance.now`. */
  since: number;
}

/**
 * Makes tokens of a request and checks it.
 * Errors: InvalidRequest naming the field, with both lengths where a prompt is too long.
 */
export function readRequest(model: LoadedLlama, request: LlamaRequest): Waiting {
  const choice = request.toolChoice ?? "auto";
  refuseHopeless(model, request.prompt);
  if (request.scoredAnswer !== undefined)
    refuseHopeless(model, { kind: "text", text: request.scoredAnswer.answer });
  const { tokens: prompt, chat, scoredFrom } = tokensOf(model, request, choice);
  requireFitting(model, request, prompt.length);
  for (const count of [request.logprobs ?? 0, request.promptLogprobs ?? 0]) {
    if (Number.isInteger(count) && count >= 0 && count <= mostLogprobs) continue;
    throw new InvalidRequest(
      `Between 0 and ${mostLogprobs} alternatives can come with a token; ${count} were asked for.`,
      { field: "logprobs", most: mostLogprobs },
    );
  }
  const limit = Math.min(
    request.maxTokens ?? Number.MAX_SAFE_INTEGER,
    // A sequence holds all tokens but the last one, which is never put in.
    model.contextSize - prompt.length,
  );
  const grammar = chatGrammar({
    syntax: chat?.syntax ?? hermesSyntax,
    tools: chat?.tools ?? [],
    choice,
    parallel: request.parallelToolCalls ?? true,
    output: request.output ?? { kind: "text" },
    reasoning: chat?.reasoning ?? null,
  });
  return { request, prompt, scoredFrom, chat, grammar, limit, since: performance.now() };
}

function tokensOf(
  { prompts }: LoadedLlama,
  { prompt, scoredAnswer }: LlamaRequest,
  choice: ToolChoice,
): ReadPrompt & { scoredFrom: number } {
  if (scoredAnswer === undefined) return { ...prompts.read(prompt, choice), scoredFrom: 0 };
  const { tokens, answerFrom } = prompts.readAnswered(prompt, scoredAnswer);
  return { tokens, chat: null, scoredFrom: answerFrom };
}

function requireFitting({ contextSize }: LoadedLlama, { prompt }: LlamaRequest, length: number): void {
  if (length >= contextSize) throw tooLong(prompt, length, "", contextSize);
}

/** Tokenising megabytes holds up everybody's answers: what cannot fit by its bytes alone is refused before. */
function refuseHopeless({ contextSize, vocabulary }: LoadedLlama, prompt: Prompt): void {
  const least = leastTokens(prompt, vocabulary.longestPiece);
  if (least >= contextSize) throw tooLong(prompt, least, "at least ", contextSize);
}

function tooLong(prompt: Prompt, length: number, exactness: string, contextSize: number): InvalidRequest {
  return new InvalidRequest(
    `The prompt is ${exactness}${length} tokens long and the context of this model holds ${contextSize}, the answer included. Shorten the prompt.`,
    {
      field: prompt.kind === "chat" ? "messages" : "prompt",
      prompt_tokens: length,
      context_size: contextSize,
    },
  );
}

/** Gives a slot to a request. Errors: InvalidRequest for a bias that cannot be, and a grammar that is too large. */
export async function place(waiting: Waiting, slot: Slot, model: LoadedLlama): Promise<Generation> {
  const { request, prompt, scoredFrom, chat, grammar, limit, since } = waiting;
  const generated: number[] = [];
  const options = evaluateOptions(request.sampling, {
    generated,
    limit,
    vocabulary: model.vocabulary.size,
    newBias: model.newBias,
    endsTurn: model.endsTurn,
  });
  if (grammar !== null) options.grammarEvaluationState = await model.constraints.begin(grammar);
  const answer = new Answer(limit, request.stop, readerFor(chat));
  const watch = watchFor(request, { prompt, scoredFrom }, model);
  slot.busy = true;
  const plan = { id: request.id, prompt, lasting: chat !== null, since, options, generated };
  return new Generation({ ...plan, answer, watch }, slot);
}

function readerFor(chat: ChatForm | null): ChatReader | null {
  if (chat === null || (chat.reasoning === null && chat.tools.length === 0)) return null;
  const { reasoning, tools, syntax } = chat;
  return new ChatReader({ reasoning, tools, syntax: tools.length === 0 ? null : syntax });
}

function watchFor(
  { logprobs = null, promptLogprobs = null }: LlamaRequest,
  { prompt, scoredFrom }: Pick<Waiting, "prompt" | "scoredFrom">,
  model: LoadedLlama,
): LogprobWatch | null {
  if (logprobs === null && promptLogprobs === null) return null;
  const reader = (count: number | null): LogprobReader | null =>
    count === null ? null : model.logprobReader(count);
  return new LogprobWatch(prompt, {
    prompt: reader(promptLogprobs),
    generated: reader(logprobs),
    from: scoredFrom,
  });
}
