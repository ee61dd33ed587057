import type {
  EvaluationPriority,
  LlamaContextSequence,
  SequenceEvaluateOptions,
  Token,
} from "node-llama-cpp";
import type { GenerateEvent } from "../../engine.ts";
import { TextStream } from "../../text-stream.ts";

/** One sequence of a context: a place where a request is decoded. It keeps its tokens for the next one. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** Number of the sequence in its context. */
  readonly place: EvaluationPriority;
  busy: boolean;
  /** Turn of the scheduler at which it was last given away. */
  lastUsed: number;
  /** How many of its tokens came as part of a prompt; the rest was generated. */
  promptTokens: number;
}

export interface GenerationPlan {
  id: string;
  prompt: readonly number[];
  /** Most tokens to generate. */
  limit: number;
  stop: readonly string[];
}

/** A request in a slot: first its prompt is taken in by pieces, then a token comes with each step. */
export class Generation {
  readonly id: string;
  readonly slot: Slot;
  readonly #prompt: readonly number[];
  readonly #limit: number;
  readonly #text: TextStream;
  readonly #options: SequenceEvaluateOptions;
  readonly #generated: number[];
  #position: number;
  #tokens: AsyncGenerator<Token, void, void | Token | Token[]> | null = null;

  /** `generated` is filled as tokens come; `options` may read it. `position`: prompt tokens that the slot holds already. */
  constructor(
    plan: GenerationPlan,
    slot: Slot,
    position: number,
    options: SequenceEvaluateOptions,
    generated: number[],
  ) {
    this.id = plan.id;
    this.slot = slot;
    this.#prompt = plan.prompt;
    this.#limit = plan.limit;
    this.#text = new TextStream(plan.stop);
    this.#options = { ...options, evaluationPriority: slot.place };
    this.#generated = generated;
    this.#position = position;
  }

  /** Prompt tokens that wait to be taken in; 0 once tokens are generated. */
  get waiting(): number {
    return this.#tokens === null ? this.#prompt.length - this.#position : 0;
  }

  /**
   * Takes in up to `budget` prompt tokens; with the last of them, and in every step after that,
   * gives the next token. Null while the prompt is not finished.
   */
  async step(budget: number): Promise<number | null> {
    const { sequence } = this.slot;
    if (this.#tokens === null) {
      const from = this.#position;
      const rest = this.#prompt.slice(from, from + budget) as Token[];
      this.#position += rest.length;
      this.slot.promptTokens = this.#position;
      if (this.#position < this.#prompt.length) {
        await sequence.evaluateWithoutGeneratingNewTokens(
          rest,
          this.#options.contextShift === undefined ? {} : { contextShift: this.#options.contextShift },
        );
        return null;
      }
      this.#tokens = sequence.evaluate(rest, this.#options);
    }
    const next = await this.#tokens.next();
    if (next.done === true) throw new Error("the engine ended the sequence by itself");
    return next.value;
  }

  /** What a generated token means for the one who asked. `bytes` is what it adds to the text. */
  take(
    token: number,
    bytes: Uint8Array,
    endsTurn: boolean,
  ): { tokens: GenerateEvent; done: GenerateEvent | null } {
    this.#generated.push(token);
    const pushed = this.#text.push(endsTurn ? new Uint8Array(0) : bytes);
    const full = this.#generated.length >= this.#limit;
    const over = endsTurn || full || pushed.stopped !== null;
    const last = over && pushed.stopped === null ? this.#text.end() : null;
    const stopped = pushed.stopped ?? last?.stopped ?? null;
    const tokens: GenerateEvent = { type: "tokens", text: pushed.text + (last?.text ?? ""), ids: [token] };
    if (!over) return { tokens, done: null };
    const finishReason = endsTurn || stopped !== null ? "stop" : "length";
    return {
      tokens,
      done: { type: "done", finishReason, completionTokens: this.#generated.length, stopSequence: stopped },
    };
  }

  /** Leaves the slot. What it holds stays there, for a request that begins alike. */
  async end(): Promise<void> {
    await this.#tokens?.return();
    this.slot.busy = false;
  }
}
