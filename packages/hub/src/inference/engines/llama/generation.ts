import type { SequenceEvaluateOptions, Token } from "node-llama-cpp";
import type { GenerateEvent, PromptLogprobs } from "../../engine.ts";
import type { Answer, GeneratedToken } from "./answer.ts";
import type { LogprobWatch } from "./logprob-watch.ts";
import { prefillChunk } from "./pieces.ts";
import type { Slot } from "./slot.ts";

export interface GenerationPlan {
  id: string;
  prompt: readonly number[];
  /** Is the prompt likely to come again, with more behind it? */
  lasting: boolean;
  /** When it was asked, in milliseconds of `performance.now`. */
  since: number;
  options: SequenceEvaluateOptions;
  /** Filled as tokens come; `options` may read it. */
  generated: number[];
  answer: Answer;
  /** Null when no log probabilities were asked for. */
  watch: LogprobWatch | null;
}

/** A request in a slot: first its prompt is taken in by pieces, then a token comes with each step. */
export class Generation {
  readonly slot: Slot;
  readonly #plan: GenerationPlan;
  readonly #options: SequenceEvaluateOptions;
  #position = 0;
  /** Where the last piece of the prompt began. */
  #lastPiece = 0;
  #begun = false;
  #kept = 0;
  #queueMs = 0;
  #tokens: AsyncGenerator<Token, void, void | Token | Token[]> | null = null;

  constructor(plan: GenerationPlan, slot: Slot) {
    this.slot = slot;
    this.#plan = plan;
    this.#options = { ...plan.options, evaluationPriority: slot.place };
  }

  get id(): string {
    return this.#plan.id;
  }

  get prompt(): readonly number[] {
    return this.#plan.prompt;
  }

  get lasting(): boolean {
    return this.#plan.lasting;
  }

  /** Prompt tokens that the slot held already. */
  get kept(): number {
    return this.#kept;
  }

  /** How long it waited until its work began, in milliseconds. */
  get queueMs(): number {
    return this.#queueMs;
  }

  /** Is its prompt being taken in, or already there? */
  get begun(): boolean {
    return this.#begun;
  }

  /** Are log probabilities of the prompt wanted? */
  get readsPrompt(): boolean {
    return this.#plan.watch?.readsPrompt === true;
  }

  /** What of the prompt need not be computed where it is kept: of a kept beginning nobody knows the probabilities any more. */
  get keepable(): readonly number[] {
    const { prompt, watch } = this.#plan;
    return this.readsPrompt ? prompt.slice(0, watch?.untold ?? 0) : prompt;
  }

  get answer(): Answer {
    return this.#plan.answer;
  }

  /** Prompt tokens that wait to be taken in; 0 once tokens are generated. */
  get waiting(): number {
    return this.#tokens === null ? this.#plan.prompt.length - this.#position : 0;
  }

  /** `kept`: prompt tokens that the slot holds already. */
  begin(kept: number): void {
    this.#begun = true;
    this.#kept = this.#position = this.#lastPiece = kept;
    this.#queueMs = performance.now() - this.#plan.since;
  }

  /**
   * Takes in up to `budget` prompt tokens; with the last of them, and in every step after that,
   * gives the next token. Null while the prompt is not finished.
   */
  async step(budget: number): Promise<number | null> {
    this.slot.watch = this.#plan.watch;
    try {
      return this.#tokens === null ? await this.#takeIn(budget) : await next(this.#tokens);
    } finally {
      // Whoever else decodes something in this slot is not to be watched.
      this.slot.watch = null;
    }
  }

  /** The prompt's log probabilities, once when they are complete. */
  takePromptLogprobs(): PromptLogprobs | null {
    const { watch, prompt } = this.#plan;
    const complete = this.#tokens !== null || this.#position === prompt.length;
    return complete ? (watch?.takePrompt() ?? null) : null;
  }

  /**
   * Goes back to the beginning of the last piece, after the prompt was read for its log
   * probabilities: it is taken in once more as if it had not been read, so that the answer is the same.
   */
  async rewind(): Promise<void> {
    const { sequence } = this.slot;
    await sequence.eraseContextTokenRanges([{ start: this.#lastPiece, end: sequence.nextTokenIndex }]);
    this.#position = this.slot.promptTokens = this.#lastPiece;
    this.slot.wholePieces = Math.min(this.slot.wholePieces, this.#lastPiece);
  }

  /** What a generated token means for the one who asked. */
  take(token: Omit<GeneratedToken, "logprobs">): { tokens: GenerateEvent; done: GenerateEvent | null } {
    this.#plan.generated.push(token.id);
    return this.answer.take({ ...token, logprobs: this.#plan.watch?.takeLast() ?? null });
  }

  /** Leaves the slot. What it holds stays there, for a request that begins alike. */
  async end(): Promise<void> {
    await this.#tokens?.return();
    this.#plan.watch?.[Symbol.dispose]();
    this.slot.busy = false;
  }

  async #takeIn(budget: number): Promise<number | null> {
    const { sequence } = this.slot;
    const { prompt } = this.#plan;
    const from = (this.#lastPiece = this.#position);
    const piece = prompt.slice(from, from + budget) as Token[];
    this.#position += piece.length;
    this.slot.promptTokens = this.#position;
    if (piece.length === prefillChunk && this.slot.wholePieces === from)
      this.slot.wholePieces += piece.length;
    if (this.#position < prompt.length || this.#readsOnly) {
      await sequence.evaluateWithoutGeneratingNewTokens(
        piece,
        this.#options.contextShift === undefined ? {} : { contextShift: this.#options.contextShift },
      );
      return null;
    }
    this.#tokens = sequence.evaluate(piece, this.#options);
    return await next(this.#tokens);
  }

  /** Is the end of the prompt taken in without generating from it? A sequence that cannot be rewound does both at once. */
  get #readsOnly(): boolean {
    const { answer } = this.#plan;
    return this.readsPrompt && (answer.limit === 0 || !this.slot.sequence.needsCheckpoints);
  }
}

async function next(tokens: AsyncGenerator<Token, void, void | Token | Token[]>): Promise<number> {
  const result = await tokens.next();
  if (result.done === true) throw new Error("the engine ended the sequence by itself");
  return result.value;
}
