import type { LlamaContext } from "node-llama-cpp";
import type { Generation, Slot } from "./generation.ts";

/**
 * A context of the loaded model, of the base or of one adapter: slots that are decoded together.
 * Contexts share the weights; each has its own key/value cache.
 */
export class SlotContext implements AsyncDisposable {
  /** Checksum of the adapter; null for the base. */
  readonly adapter: string | null;
  readonly active = new Set<Generation>();
  lastUsed = 0;
  readonly #context: LlamaContext;
  readonly #slots: Slot[];

  constructor(adapter: string | null, context: LlamaContext) {
    this.adapter = adapter;
    this.#context = context;
    this.#slots = Array.from({ length: context.totalSequences }, () => ({
      sequence: context.getSequence(),
      busy: false,
      lastUsed: 0,
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
      const kept = keptTokens(slot, prompt);
      if (best === null || kept > best.kept || (kept === best.kept && slot.lastUsed < best.slot.lastUsed))
        best = { slot, kept };
    }
    return best?.slot ?? null;
  }

  /** Cuts the slot back to what it shares with the prompt; gives how many tokens of it need not be computed again. */
  async reuse(slot: Slot, prompt: readonly number[]): Promise<number> {
    const { sequence } = slot;
    let kept = keptTokens(slot, prompt);
    // Models with a sliding window or a recurrent state cannot go back to any earlier place.
    if (sequence.needsCheckpoints && kept < sequence.nextTokenIndex) kept = 0;
    if (kept < sequence.nextTokenIndex)
      await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
    return kept;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#context.dispose();
  }
}

/** Length of the beginning that slot and prompt share; the prompt's last token is always computed, because it gives the first new one. */
function keptTokens({ sequence }: Slot, prompt: readonly number[]): number {
  const { firstDifferentIndex } = sequence.compareContextTokens(
    prompt as Parameters<typeof sequence.compareContextTokens>[0],
  );
  return Math.min(firstDifferentIndex, prompt.length - 1);
}
