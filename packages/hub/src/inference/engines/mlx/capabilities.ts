import type { Capabilities } from "../../engine.ts";

/** mlx_lm.server accepts no more. */
const mostAlternatives = 11;

/** What mlx_lm.server does: `own` for the one that the hub runs, which tells more than one that is attached. */
export function capabilitiesOf(own: boolean): Capabilities {
  return {
    formats: ["mlx"],
    adapters: true,
    memory: own ? "unified" : "remote",
    // The penalties of mlx-lm count the tokens of the prompt in, and only the last 20.
    sampling: ["temperature", "topP", "topK", "minP", "seed", "logitBias"],
    output: ["text"],
    toolChoice: ["auto"],
    logprobs: own ? mostAlternatives : null,
    promptLogprobs: false,
    scores: false,
    embeddings: false,
  };
}
