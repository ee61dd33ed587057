import type { Capabilities, Sampling } from "../../engine.ts";
import type { Extension } from "./server.ts";

/** OpenAI's limit. */
export const mostAlternatives = 20;

const fieldOf: Readonly<Partial<Record<Extension, keyof Sampling>>> = {
  top_k: "topK",
  min_p: "minP",
  repetition_penalty: "repetitionPenalty",
  repeat_penalty: "repetitionPenalty",
};

/**
 * What any server that speaks OpenAI's API is taken to do, with what the settings say that this one does
 * beyond it. What it does not do after all, it refuses, or the answer fails when it shows.
 */
export function capabilitiesOf(extensions: readonly Extension[]): Capabilities {
  const beyond = extensions.flatMap((name) => fieldOf[name] ?? []);
  return {
    formats: [],
    adapters: false,
    memory: "remote",
    sampling: [
      "temperature",
      "topP",
      "seed",
      "frequencyPenalty",
      "presencePenalty",
      "logitBias",
      ...new Set(beyond),
    ],
    output: ["text", "json_object", "json_schema"],
    toolChoice: ["auto", "required", "named"],
    logprobs: mostAlternatives,
    promptLogprobs: false,
    scores: false,
    embeddings: true,
  };
}
