import type { PromptLogprobs, TokenLogprobs } from "../../engine.ts";
import type { Distribution, LogitWatch } from "./distribution.ts";
import type { LogprobReader } from "./logprob-reader.ts";

/** Collects the log probabilities that one request asked for, of its prompt and of what is generated. */
export class LogprobWatch implements LogitWatch, Disposable {
  readonly #prompt: readonly number[];
  readonly #generated: LogprobReader | null;
  /** Tokens of the prompt before this one are of no interest. */
  readonly #from: number;
  /** Null when nobody asked, and when the prompt has been read. */
  #promptReader: LogprobReader | null;
  readonly #read: PromptLogprobs = [];
  #last: TokenLogprobs | null = null;

  /** Null in place of a reader: nobody asked. `from`: of the prompt, only what stands from there on. */
  constructor(
    prompt: readonly number[],
    readers: { prompt: LogprobReader | null; generated: LogprobReader | null; from?: number },
  ) {
    this.#prompt = prompt;
    this.#from = readers.from ?? 0;
    this.#promptReader = readers.prompt;
    this.#generated = readers.generated;
    const [first] = prompt;
    if (this.#from === 0 && readers.prompt !== null && first !== undefined)
      this.#read.push(readers.prompt.unknown(first));
  }

  /** Is the prompt still being read? */
  get readsPrompt(): boolean {
    return this.#promptReader !== null;
  }

  /** So much of the prompt's beginning may be taken from what is kept: nothing of what follows it is told. */
  get untold(): number {
    return Math.max(0, this.#from - 1);
  }

  wants(place: number): boolean {
    const next = place + 1;
    return this.#promptReader !== null && next >= this.#from && next < this.#prompt.length;
  }

  async see(distribution: Distribution, place: number, sampled: number | null): Promise<void> {
    const next = this.#prompt[place + 1];
    if (this.#promptReader !== null && next !== undefined && this.wants(place))
      this.#read[place + 1 - this.#from] = await this.#promptReader.read(distribution, next);
    if (this.#generated !== null && sampled !== null)
      this.#last = await this.#generated.read(distribution, sampled);
  }

  /** Of the whole prompt, once it was taken in. The next call of this gives null. */
  takePrompt(): PromptLogprobs | null {
    if (this.#promptReader === null) return null;
    this.#promptReader[Symbol.dispose]();
    this.#promptReader = null;
    return this.#read;
  }

  /** Of the token that was generated last; null when nobody asked. */
  takeLast(): TokenLogprobs | null {
    const last = this.#last;
    this.#last = null;
    return last;
  }

  [Symbol.dispose](): void {
    this.#promptReader?.[Symbol.dispose]();
    this.#generated?.[Symbol.dispose]();
  }
}
