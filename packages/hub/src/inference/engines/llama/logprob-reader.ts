import type { LlamaModel } from "node-llama-cpp";
import type { TokenLogprob, TokenLogprobs } from "../../engine.ts";
import type { Distribution } from "./distribution.ts";
import { createSampler } from "./native.ts";
import type { NativeSampler } from "./native.ts";

/** Reads log probabilities for one request; holds two samplers, which are freed with it. */
export class LogprobReader implements Disposable {
  readonly #alternatives: number;
  readonly #bytes: (id: number) => Uint8Array;
  /** Takes the likeliest token, and with it sees all logits as they are. */
  readonly #raw: NativeSampler;
  /** Finds the likeliest ones without sorting the whole vocabulary. */
  readonly #likeliest: NativeSampler | null;

  constructor(model: LlamaModel, alternatives: number, bytes: (id: number) => Uint8Array) {
    this.#alternatives = alternatives;
    this.#bytes = bytes;
    this.#raw = createSampler(model, { temperature: 0, seed: 0 });
    this.#likeliest =
      alternatives < 2
        ? null
        : createSampler(model, { temperature: 1, topK: alternatives, topP: 1, minP: 0, seed: 0 });
  }

  /** A token before which there is nothing. */
  unknown(token: number): Omit<TokenLogprobs, "logprob"> & { logprob: null } {
    return { id: token, bytes: [...this.#bytes(token)], logprob: null, top: [] };
  }

  /** The log probability of a token in the distribution, and the likeliest alternatives. */
  async read(distribution: Distribution, token: number): Promise<TokenLogprobs> {
    const {
      token: first,
      logits,
      weight,
    } = await distribution.look(this.#raw, [[token], false, false, true, 0]);
    const most = logits.get(first) ?? Number.NaN;
    // Sum of exp(logit − most) over the vocabulary.
    const logWeight = Math.log(weight);
    const of = (id: number, logit: number): TokenLogprob => ({
      id,
      bytes: [...this.#bytes(id)],
      logprob: Math.min(0, logit - most - logWeight),
    });
    const chosen = of(token, logits.get(token) ?? Number.NEGATIVE_INFINITY);
    if (this.#alternatives === 0) return { ...chosen, top: [] };
    if (this.#likeliest === null) return { ...chosen, top: [of(first, most)] };
    const best = await distribution.look(this.#likeliest, [[], false, false, false, this.#alternatives]);
    return { ...chosen, top: [...best.logits].map(([id, logit]) => of(id, logit)) };
  }

  [Symbol.dispose](): void {
    this.#raw.dispose();
    this.#likeliest?.dispose();
  }
}
