import type { ChatLogprobs } from "@hearth/wire/openai/chat-logprobs";
import type { TokenLogprob, TokenLogprobs } from "../../inference/engine.ts";
import { finiteLogprob, lossyText } from "./token-text.ts";

/** Tokens with their log probabilities as chat completions and responses show them. */
export function logprobContent(tokens: readonly TokenLogprobs[]): ChatLogprobs["content"] {
  return tokens.map((token) => ({ ...one(token), top_logprobs: token.top.map(one) }));
}

function one({ bytes, logprob }: TokenLogprob) {
  return { token: lossyText(bytes), logprob: finiteLogprob(logprob), bytes };
}
