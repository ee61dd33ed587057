import type {
  CustomBatchingPrioritizationStrategy,
  EvaluationPriority,
  LlamaContext,
  Token,
} from "node-llama-cpp";
import { watchLogits } from "./distribution.ts";
import type { Generation } from "./generation.ts";
import { copyPrefix } from "./native.ts";
import { chooseSlot } from "./slot-choice.ts";
import type { Slot } from "./slot.ts";

/** A prompt piece of one token would be computed by other code than one of several, with other last digits. */
const smallestPiece = 2;

/** Fewer tokens are computed sooner than a cache is copied. */
const worthCopying = 32;

export interface ContextTraits {
  /**
   * llama.cpp multiplies a float matrix (F32, F16, BF16; an adapter's always) with one column by
   * other code than with several, with other last digits. So that an answer does not depend on
   * what else is decoded, a lone sequence is decoded with a companion, and what was generated is
   * not used again as part of a prompt. Quantised matrices gave the same digits in any company.
   */
  exactInPairs: boolean;
  /** A column more costs next to nothing (a GPU), so that one pass is better than two whatever the gap. */
  wideIsCheap: boolean;
}

/**
 * Places that should be decoded along with those that generate. llama.cpp takes only neighbouring
 * sequences, in their order, into one pass over the weights: a gap of one place is filled, because
 * its column costs less than a second pass.
 */
export function companionsOf(generating: readonly number[], places: number, traits: ContextTraits): number[] {
  const taking = new Set(generating);
  const inOrder = generating.toSorted((a, b) => a - b);
  const widest = traits.wideIsCheap ? places : 1;
  for (const [index, place] of inOrder.entries()) {
    const next = inOrder[index + 1] ?? place;
    if (next - place - 1 > widest) continue;
    for (let between = place + 1; between < next; between++) taking.add(between);
  }
  if (traits.exactInPairs) {
    for (const place of inOrder) {
      if (taking.has(place - 1) || taking.has(place + 1)) continue;
      // With a single place there is no neighbour, ever, and so nothing that could differ.
      if (place + 1 < places) taking.add(place + 1);
      else if (place > 0) taking.add(place - 1);
    }
  }
  return [...taking].filter((place) => !generating.includes(place));
}

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
  readonly #slots: Slot[];

  constructor(adapter: string | null, context: LlamaContext, traits: ContextTraits) {
    this.adapter = adapter;
    this.#traits = traits;
    this.#context = context;
    this.#slots = Array.from({ length: context.totalSequences }, (_, index) => ({
      sequence: context.getSequence(),
      place: index as EvaluationPriority,
      busy: false,
      lastUsed: 0,
      promptTokens: 0,
      watch: null,
    }));
    watchLogits(context, (sequenceId) => this.#slots[sequenceId]?.watch ?? null);
  }

  /** Tokens that a slot can hold. */
  get contextSize(): number {
    return this.#context.contextSize;
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
   * Leaves in the slot only what the prompt begins with, from what it holds or copied from a slot that
   * holds more of it; gives how many tokens that are.
   */
  async begin(slot: Slot, prompt: readonly number[]): Promise<number> {
    const own = this.#keptTokens(slot, prompt);
    const others = this.#slots.filter((other) => other !== slot);
    const most = maximum(others, (other) => this.#keptTokens(other, prompt));
    if (most !== null && most.value >= own + worthCopying) {
      const { item: source, value: kept } = most;
      if (await copyPrefix(slot.sequence, source.sequence, kept)) return (slot.promptTokens = kept);
    }
    // A copy that failed has left something else there.
    const kept = this.#keptTokens(slot, prompt);
    const { sequence } = slot;
    if (kept < sequence.nextTokenIndex) {
      await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
    }
    return (slot.promptTokens = kept);
  }

  /**
   * Decodes one token at the end of each slot that does not generate but must take part in this
   * call; they keep what they held.
   */
  async accompany(generating: readonly Slot[]): Promise<void> {
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

  /**
   * Length of the beginning that slot and prompt share and that can be used again. The end of
   * the prompt is always computed, because it gives the first new token.
   */
  #keptTokens(slot: Slot, prompt: readonly number[]): number {
    const { firstDifferentIndex } = slot.sequence.compareContextTokens(prompt as Token[]);
    const usable = this.#traits.exactInPairs
      ? Math.min(firstDifferentIndex, slot.promptTokens)
      : firstDifferentIndex;
    const kept = Math.max(0, Math.min(usable, prompt.length - smallestPiece));
    // A recurrent state cannot go back to any earlier place.
    return slot.sequence.needsCheckpoints && kept < slot.sequence.nextTokenIndex ? 0 : kept;
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

/** How many of `waiting` prompt tokens to take in now: at most `chunk`, never leaving a piece that is too small. */
export function pieceOf(waiting: number, chunk: number): number {
  if (waiting <= chunk) return waiting;
  return waiting - chunk < smallestPiece ? chunk - smallestPiece + (waiting - chunk) : chunk;
}
