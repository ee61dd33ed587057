import type { WholeChoice } from "./collect-choices.ts";

/** Of each prompt's answers the `kept` likeliest ones, by the mean log probability of their tokens; the likeliest first. */
export function bestChoices(choices: readonly WholeChoice[], made: number, kept: number): WholeChoice[] {
  if (made === kept) return [...choices];
  const best: WholeChoice[] = [];
  for (let start = 0; start < choices.length; start += made) {
    const answers = choices.slice(start, start + made);
    best.push(...answers.toSorted((one, other) => meanLogprob(other) - meanLogprob(one)).slice(0, kept));
  }
  return best;
}

function meanLogprob({ logprobs }: WholeChoice): number {
  if (logprobs.length === 0) return 0;
  return logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / logprobs.length;
}
