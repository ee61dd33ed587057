import type { PromptLogprobs, TokenLogprobs } from "../../engine.ts";
import type { Distribution, LogitWatch } from "./distribution.ts";
import type { LogprobReader } from "./logprob-reader.ts";

/** Collects the log probabilities that one request asked for, of its prompt and of what is generated. */
export class LogprobWatch implements LogitWatch, Disposable {
  readonly #prompt: readonly number[];
  readonly #generated: LogprobReader | null;
  /** Null when nobody asked, and when the prompt has been read. */
  #promptReader: LogprobReader | null;
  readonly #read: PromptLogprobs = [];
  #last: TokenLogprobs | null = null;

  /** Null in place of a reader: nobody asked. */
  constructor(
    prompt: readonly number[],
    readers: { prompt: LogprobReader | null; generated: LogprobReader | null },
  ) {
    this.#prompt = prompt;
    this.#promptReader = readers.prompt;
    this.#generated = readers.generated;
    const [first] = prompt;
    if (readers.prompt !== null && first !== undefined) this.#read.push(readers.prompt.unknown(first));
  }

  /** Is the prompt still being read? */
  get readsPrompt(): boolean {
    return this.#promptReader !== null;
  }

  wants(place: number): boolean {
    return this.#promptReader !== null && place + 1 < this.#prompt.length;
  }

  async see(distribution: Distribution, place: number, sampled: number | null): Promise<void> {
    const next = this.#prompt[place + 1];
    if (this.#promptReader !== null && next !== undefined)
      this.#read[place + 1] = await this.#promptReader.read(distribution, next);
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
