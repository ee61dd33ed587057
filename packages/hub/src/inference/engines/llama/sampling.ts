import { randomInt } from "node:crypto";
import type { SequenceEvaluateOptions, Token, TokenBias } from "node-llama-cpp";
import type { Sampling } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";

/** llama.cpp takes 2³² − 1, its largest seed, for the wish to draw one. */
const seeds = 2 ** 32 - 1;
/** From here on a token is banned, as OpenAI's API has it. */
const banned = -100;

/** Alternatives that come with a token's log probability at most. */
export const mostLogprobs = 20;

export interface SamplingContext {
  /** Tokens in the model's vocabulary. */
  vocabulary: number;
  /** Grows while the request runs. Penalties look at what was generated, not at the prompt. */
  generated: readonly number[];
  /** Most tokens that can be generated. */
  limit: number;
  /** An empty bias for the loaded model. */
  newBias: () => TokenBias;
  endsTurn: (token: number) => boolean;
}

/**
 * States every option: the engine's own defaults would cut to the 40 likeliest tokens.
 * Errors: InvalidRequest for a bias on a token that does not exist or that ends a turn.
 */
export function evaluateOptions(sampling: Sampling, context: SamplingContext): SequenceEvaluateOptions {
  const { temperature, topP, topK, minP, frequencyPenalty, presencePenalty, repetitionPenalty } = sampling;
  const options: SequenceEvaluateOptions = {
    temperature,
    topP,
    topK,
    minP,
    // The engine's own choice is the time in seconds, the same for requests that come together.
    seed: sampling.seed === null ? randomInt(seeds) : sampling.seed % seeds,
    yieldEogToken: true,
    contextShift: { size: 1, strategy: refuseShift },
  };
  if (frequencyPenalty !== 0 || presencePenalty !== 0 || repetitionPenalty !== 1) {
    options.repeatPenalty = {
      punishTokens: () => context.generated as Token[],
      // Its buffer is made once, for all that can come.
      maxPunishTokens: context.limit,
      penalty: repetitionPenalty,
      frequencyPenalty,
      presencePenalty,
    };
  }
  if (sampling.logitBias.size > 0) options.tokenBias = biasOf(sampling.logitBias, context);
  return options;
}

function biasOf(
  logitBias: ReadonlyMap<number, number>,
  { vocabulary, newBias, endsTurn }: SamplingContext,
): TokenBias {
  const bias = newBias();
  for (const [id, value] of logitBias) {
    if (!Number.isInteger(id) || id < 0 || id >= vocabulary) {
      throw new InvalidRequest(
        `logit_bias names token ${id}; this model has tokens 0 to ${vocabulary - 1}.`,
        { field: "logit_bias" },
      );
    }
    // The library leaves such a bias out without a word.
    if (endsTurn(id))
      throw new InvalidRequest(
        `logit_bias names token ${id}, which ends the answer; its bias cannot be changed. Leave it out.`,
        { field: "logit_bias" },
      );
    bias.set(id as Token, value <= banned ? "never" : { logit: value });
  }
  return bias;
}

/** Without this the engine would silently forget the beginning of the prompt. */
function refuseShift(): never {
  throw new Error("The context is full.");
}
