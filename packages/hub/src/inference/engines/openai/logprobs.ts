import type { TokenLogprob, TokenLogprobs } from "../../engine.ts";
import type { WireChoice, WireTokenLogprob } from "./chunk.ts";

/** The id of a token that a server does not number. */
const notTold = -1;
const encoder = new TextEncoder();

/** Log probabilities of a choice, of chat answers and of plain texts alike. */
export function logprobsOf({ logprobs }: WireChoice): TokenLogprobs[] {
  if (logprobs === null || logprobs === undefined) return [];
  if ("content" in logprobs) {
    return (logprobs.content ?? []).map((token) => ({
      ...ofChat(token),
      top: (token.top_logprobs ?? []).map(ofChat),
    }));
  }
  return logprobs.tokens.map((token, place) => ({
    ...ofText(token, logprobs.token_logprobs[place] ?? Number.NEGATIVE_INFINITY),
    top: Object.entries(logprobs.top_logprobs?.[place] ?? {})
      .map(([text, logprob]) => ofText(text, logprob))
      .toSorted((a, b) => b.logprob - a.logprob),
  }));
}

function ofChat({ id, token, bytes, logprob }: WireTokenLogprob): TokenLogprob {
  return { id: id ?? notTold, bytes: bytes ?? [...encoder.encode(token)], logprob };
}

function ofText(token: string, logprob: number): TokenLogprob {
  return { id: notTold, bytes: [...encoder.encode(token)], logprob };
}
