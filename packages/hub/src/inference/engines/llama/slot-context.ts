import type {
  CustomBatchingPrioritizationStrategy,
  EvaluationPriority,
  LlamaContext,
  Token,
} from "node-llama-cpp";
import type { Generation, Slot } from "./generation.ts";

/** A prompt piece of one token would be computed by other code than one of several, with other last digits. */
const smallestPiece = 2;

/**
 * A context of the loaded model, of the base or of one adapter: slots that are decoded together.
 * Contexts share the weights; each has its own key/value cache.
 */
export class SlotContext implements AsyncDisposable {
  /** Checksum of the adapter; null for the base. */
  readonly adapter: string | null;
  /**
   * llama.cpp multiplies a float matrix (F32, F16, BF16; an adapter's always) with one column by
   * other code than with several, with other last digits. So that an answer does not depend on
   * what else is decoded, a lone sequence gets a partner, and what was generated is not used
   * again as part of a prompt. Quantised matrices gave the same digits in every combination.
   */
  readonly exactInPairs: boolean;
  readonly active = new Set<Generation>();
  lastUsed = 0;
  readonly #context: LlamaContext;
  readonly #slots: Slot[];

  constructor(adapter: string | null, context: LlamaContext, exactInPairs: boolean) {
    this.adapter = adapter;
    this.exactInPairs = exactInPairs;
    this.#context = context;
    this.#slots = Array.from({ length: context.totalSequences }, (_, index) => ({
      sequence: context.getSequence(),
      place: index as EvaluationPriority,
      busy: false,
      lastUsed: 0,
      promptTokens: 0,
    }));
  }

  /** Tokens that a slot can hold. */
  get contextSize(): number {
    return this.#context.contextSize;
  }

  get idle(): boolean {
    return this.active.size === 0;
  }

  /** The free slot that holds the longest beginning of this prompt, else the one unused for longest; null when all are busy. */
  freeSlot(prompt: readonly number[]): Slot | null {
    let best: { slot: Slot; kept: number } | null = null;
    for (const slot of this.#slots) {
      if (slot.busy) continue;
      const kept = this.#keptTokens(slot, prompt);
      if (best === null || kept > best.kept || (kept === best.kept && slot.lastUsed < best.slot.lastUsed)) {
        best = { slot, kept };
      }
    }
    return best?.slot ?? null;
  }

  /** Cuts the slot back to what it shares with the prompt; gives how many tokens of it need not be computed again. */
  async reuse(slot: Slot, prompt: readonly number[]): Promise<number> {
    const { sequence } = slot;
    let kept = this.#keptTokens(slot, prompt);
    // Models with a sliding window or a recurrent state cannot go back to any earlier place.
    if (sequence.needsCheckpoints && kept < sequence.nextTokenIndex) kept = 0;
    if (kept < sequence.nextTokenIndex) {
      await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
    }
    slot.promptTokens = kept;
    return kept;
  }

  /**
   * Decodes one token at the end of each slot that does not generate but must take part; they
   * keep what they held. llama.cpp decodes only neighbouring sequences, in their order, in one
   * pass over the weights, so gaps between those that generate are filled; and a lone one gets a
   * neighbour where the digits depend on that.
   */
  async fillGaps(generating: readonly Slot[]): Promise<void> {
    await Promise.all(this.#fillers(generating).map((slot) => this.#fill(slot)));
  }

  #fillers(generating: readonly Slot[]): Slot[] {
    const places = generating.map(({ place }) => place);
    const first = Math.min(...places);
    const last = Math.max(...places);
    const range = this.#slots.slice(first, last + 1);
    // Nothing to do where there is no neighbour: then no decode ever has one.
    if (range.length === 1 && this.exactInPairs) range.push(...this.#slots.slice(first + 1).slice(0, 1));
    if (range.length === 1 && this.exactInPairs) range.push(...this.#slots.slice(0, first).slice(-1));
    return range.filter((slot) => !generating.includes(slot) && !slot.sequence.needsCheckpoints);
  }

  async #fill({ sequence, place }: Slot): Promise<void> {
    const end = Math.min(sequence.nextTokenIndex, this.contextSize - 2);
    if (end < sequence.nextTokenIndex) {
      await sequence.eraseContextTokenRanges([{ start: end, end: sequence.nextTokenIndex }]);
    }
    const tokens = sequence.evaluate([0 as Token], {
      temperature: 0,
      yieldEogToken: true,
      evaluationPriority: place,
    });
    await tokens.next();
    await tokens.return();
    await sequence.eraseContextTokenRanges([{ start: end, end: sequence.nextTokenIndex }]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#context.dispose();
  }

  /**
   * Length of the beginning that slot and prompt share and that can be used again. The end of
   * the prompt is always computed, because it gives the first new token.
   */
  #keptTokens(slot: Slot, prompt: readonly number[]): number {
    const { firstDifferentIndex } = slot.sequence.compareContextTokens(prompt as Token[]);
    const usable = this.exactInPairs ? Math.min(firstDifferentIndex, slot.promptTokens) : firstDifferentIndex;
    return Math.max(0, Math.min(usable, prompt.length - smallestPiece));
  }
}

/** Puts the sequences of a decode call in their order; their place comes as their priority. */
export const inOrder: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
  let left = size;
  return items
    .toSorted((a, b) => a.evaluationPriority - b.evaluationPriority)
    .map((item) => {
      const processAmount = Math.min(item.tokens.length, left);
      left -= processAmount;
      return { item, processAmount };
    })
    .filter(({ processAmount }) => processAmount > 0);
};

/** How many of `waiting` prompt tokens to take in now: at most `chunk`, never leaving a piece that is too small. */
export function pieceOf(waiting: number, chunk: number): number {
  if (waiting <= chunk) return waiting;
  return waiting - chunk < smallestPiece ? chunk - smallestPiece + (waiting - chunk) : chunk;
}
