import type { LlamaContext } from "node-llama-cpp";
import { contextInternalsOf } from "./native.ts";
import type { ContextInternals, LogitsWanted, NativeSampler } from "./native.ts";

/** Gets to see the logits of a sequence right after the decode call that made them. */
export interface LogitWatch {
  /** Are the logits wanted that follow this place of the sequence? Those of a place that is sampled from are there anyway. */
  wants(place: number): boolean;
  /** `sampled`: what was drawn from them; null where nothing was. */
  see(distribution: Distribution, place: number, sampled: number | null): Promise<void>;
}

/**
 * Lets watches see the logits of a context's sequences. The library hands logits to nobody and has
 * one sampler look at them, with the request's settings; the raw distribution is read here beside
 * it, in the only moment in which they are surely still there.
 */
export function watchLogits(context: LlamaContext, watchOf: (sequenceId: number) => LogitWatch | null): void {
  const internals = contextInternalsOf(context);
  const decode = internals._decodeTokens.bind(context);
  internals._decodeTokens = async (call, mapper) => {
    const watch = watchOf(call.sequenceId);
    if (watch === null) return await decode(call, mapper);
    const sampled = [...call.logits];
    const first = call.firstTokenSequenceIndex;
    call.tokens.forEach((_token, index) => {
      if (watch.wants(first + index)) call.logits[index] = true;
    });
    return await decode(call, async (batchIndex, place) => {
      const token = sampled[place - first] === true ? await mapper(batchIndex, place) : undefined;
      const distribution = new Distribution(internals, batchIndex);
      await watch.see(distribution, place, typeof token === "number" ? token : null);
      return token;
    });
  };
}

/** The logits that follow one token. Only good until the next decode call. */
export class Distribution {
  readonly #context: ContextInternals;
  readonly #batchIndex: number;

  constructor(context: ContextInternals, batchIndex: number) {
    this.#context = context;
    this.#batchIndex = batchIndex;
  }

  /** What the sampler, which changes nothing, finds. */
  async look(sampler: NativeSampler, wanted: LogitsWanted) {
    const [token, , , pairs, weight] = await this.#context._ctx.sampleToken(
      this.#batchIndex,
      sampler,
      false,
      false,
      wanted,
      true,
    );
    const logits = new Map<number, number>();
    for (let index = 1; index < (pairs?.length ?? 0); index += 2) {
      logits.set(pairs?.[index - 1] ?? 0, pairs?.[index] ?? Number.NEGATIVE_INFINITY);
    }
    return { token, logits, weight: weight ?? Number.NaN };
  }
}
