import type {
  CustomBatchingPrioritizationStrategy,
  EvaluationPriority,
  LlamaContext,
  Token,
} from "node-llama-cpp";
import { companionsOf } from "./companions.ts";
import type { ContextTraits } from "./context-traits.ts";
import { watchLogits } from "./distribution.ts";
import type { Generation } from "./generation.ts";
import { copyPrefix } from "./native.ts";
import { prefillChunk, smallestPiece } from "./pieces.ts";
import { smallestStored } from "./prefix-cache.ts";
import type { PrefixCache } from "./prefix-cache.ts";
import type { StoredPrefix } from "./prefix-shelf.ts";
import { chooseSlot } from "./slot-choice.ts";
import type { Slot } from "./slot.ts";

/** Fewer tokens are computed sooner than a cache is copied. */
const worthCopying = 32;
const worthReading = 128;

/**
 * A context of the loaded model, of the base or of one adapter: slots that are decoded together.
 * Contexts share the weights; each has its own key/value cache.
 */
export class SlotContext implements AsyncDisposable {
  /** Checksum of the adapter; null for the base. */
  readonly adapter: string | null;
  readonly active = new Set<Generation>();
  lastUsed = 0;
  /** Pieces of prompts that were taken in. */
  pieces = 0;
  readonly #context: LlamaContext;
  readonly #traits: ContextTraits;
  readonly #stored: PrefixCache | null;
  readonly #slots: Slot[];

  /** `stored`: beginnings on disk; null: nothing is stored. */
  constructor(
    adapter: string | null,
    context: LlamaContext,
    traits: ContextTraits,
    stored: PrefixCache | null,
  ) {
    this.adapter = adapter;
    this.#stored = stored;
    this.#traits = traits;
    this.#context = context;
    this.#slots = Array.from({ length: context.totalSequences }, (_, index) => ({
      sequence: context.getSequence(),
      place: index as EvaluationPriority,
      busy: false,
      lastUsed: 0,
      promptTokens: 0,
      wholePieces: 0,
      lasting: false,
      watch: null,
    }));
    watchLogits(context, (sequenceId) => this.#slots[sequenceId]?.watch ?? null);
  }

  /** Tokens that a slot can hold. */
  get contextSize(): number {
    return this.#context.contextSize;
  }

  /**
   * Must each sequence have a decode call of its own? A companion would change a recurrent state for
   * good, so that where pairs matter such sequences are all decoded alone.
   */
  get decodesAlone(): boolean {
    return this.#traits.exactInPairs && this.#slots[0]?.sequence.needsCheckpoints === true;
  }

  get idle(): boolean {
    return this.active.size === 0;
  }

  /** The best free slot for this prompt, see {@link chooseSlot}. Null when all are busy. */
  freeSlot(prompt: readonly number[]): Slot | null {
    const free = this.#slots.filter(({ busy }) => !busy);
    const outlooks = free.map((slot) => ({
      kept: this.#keptTokens(slot, prompt),
      held: slot.promptTokens,
      beside: [-1, 1].filter((step) => this.#slots[slot.place + step]?.busy === true).length,
      lastUsed: slot.lastUsed,
    }));
    return free[chooseSlot(outlooks)] ?? null;
  }

  /**
   * Leaves in the slot only what the prompt begins with: of what it holds, copied from a slot that
   * holds more of it, or from disk. Gives how many tokens that are.
   */
  async begin(slot: Slot, prompt: readonly number[], lasting: boolean): Promise<number> {
    const own = this.#keptTokens(slot, prompt);
    const others = this.#slots.filter((other) => other !== slot);
    const other = maximum(others, (each) => this.#keptTokens(each, prompt));
    const disk = this.#onDisk(prompt);
    const most = Math.max(own, other?.value ?? 0);
    if (this.#reusable(slot) - own >= smallestStored) await this.#store(slot);
    slot.lasting = lasting;
    if (disk !== null && disk.kept >= most + worthReading) {
      if (await this.#stored?.take(disk.prefix, slot.sequence)) {
        slot.lasting = true;
        return await this.#cut(slot, disk.kept);
      }
    } else if (other !== null && other.value >= own + worthCopying) {
      const { item: source, value: kept } = other;
      source.lasting ||= kept >= smallestStored;
      if (await copyPrefix(slot.sequence, source.sequence, kept)) return await this.#cut(slot, kept);
    } else if (own > 0) {
      slot.lasting ||= own >= smallestStored;
      return await this.#cut(slot, own);
    }
    return await this.#cut(slot, 0);
  }

  /** Stores what slots hold that are not in use, those used last first, until the time is over. */
  async store(until: number): Promise<void> {
    const idle = this.#slots.filter(({ busy }) => !busy);
    for (const slot of idle.toSorted((a, b) => b.lastUsed - a.lastUsed)) {
      if (performance.now() < until && this.#reusable(slot) >= smallestStored) await this.#store(slot);
    }
  }

  async #cut(slot: Slot, kept: number): Promise<number> {
    const { sequence } = slot;
    if (kept < sequence.nextTokenIndex) {
      await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
    }
    slot.promptTokens = kept;
    slot.wholePieces = kept - (kept % prefillChunk);
    return kept;
  }

  async #store(slot: Slot): Promise<void> {
    if (this.#stored === null || !slot.lasting) return;
    const { sequence } = slot;
    const end = this.#reusable(slot);
    if (end < sequence.nextTokenIndex) {
      if (sequence.needsCheckpoints) return;
      await sequence.eraseContextTokenRanges([{ start: end, end: sequence.nextTokenIndex }]);
    }
    await this.#stored.keep(sequence);
  }

  #onDisk(prompt: readonly number[]): { prefix: StoredPrefix; kept: number } | null {
    const [slot] = this.#slots;
    const found = this.#stored?.longest(prompt, slot?.sequence.needsCheckpoints === true) ?? null;
    if (found === null || found.prefix.tokens.length >= this.contextSize) return null;
    const kept = this.#usable(found.shared, prompt);
    return {
      prefix: found.prefix,
      kept: slot?.sequence.needsCheckpoints === true && kept < found.prefix.tokens.length ? 0 : kept,
    };
  }

  /**
   * Decodes one token at the end of each slot that does not generate but must take part in this
   * call; they keep what they held.
   */
  async accompany(generating: readonly Slot[]): Promise<void> {
    if (this.decodesAlone) return;
    const companions = companionsOf(
      generating.map(({ place }) => place),
      this.#slots.length,
      this.#traits,
    );
    const slots = companions.map((place) => this.#slots[place]).filter((slot) => slot !== undefined);
    // Those that cannot go back to an earlier place would keep what is put in.
    const able = slots.filter(({ sequence }) => !sequence.needsCheckpoints);
    await Promise.all(able.map((slot) => this.#fill(slot)));
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

  /** How much of what a slot holds can be used for another prompt. */
  #reusable({ sequence, promptTokens, wholePieces }: Slot): number {
    if (this.#traits.exactInPieces) return wholePieces;
    return this.#traits.exactInPairs
      ? Math.min(promptTokens, sequence.nextTokenIndex)
      : sequence.nextTokenIndex;
  }

  /** Length of the beginning that slot and prompt share and that can be used again. */
  #keptTokens(slot: Slot, prompt: readonly number[]): number {
    const { firstDifferentIndex } = slot.sequence.compareContextTokens(prompt as Token[]);
    const kept = this.#usable(Math.min(firstDifferentIndex, this.#reusable(slot)), prompt);
    // A recurrent state cannot go back to any earlier place.
    return slot.sequence.needsCheckpoints && kept < slot.sequence.nextTokenIndex ? 0 : kept;
  }

  /** The end of the prompt is always computed, because it gives the first new token. */
  #usable(shared: number, prompt: readonly number[]): number {
    const kept = Math.max(0, Math.min(shared, prompt.length - smallestPiece));
    return this.#traits.exactInPieces ? kept - (kept % prefillChunk) : kept;
  }
}

function maximum<T>(items: readonly T[], valueOf: (item: T) => number): { item: T; value: number } | null {
  let best: { item: T; value: number } | null = null;
  for (const item of items) {
    const value = valueOf(item);
    if (best === null || value > best.value) best = { item, value };
  }
  return best;
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
