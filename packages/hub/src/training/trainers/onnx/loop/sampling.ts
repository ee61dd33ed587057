import type { TrainingSample } from "@hearth/wire/hub/training";
import { longestAnswer } from "../data/sample-prompts.ts";
import type { SamplePrompt } from "../data/sample-prompts.ts";
import type { TrainingProgram } from "../program.ts";
import { continueGreedily } from "./continue-greedily.ts";
import { breathe } from "../../interruption.ts";
import type { ProgressReporter } from "../../progress.ts";

/** Milliseconds that all samples may take: a tenth of what the steps took, and some seconds early on. */
const defaultAllowance = (trained: number): number => Math.max(5_000, 0.1 * trained);
/** Rounds of a run: a picture of more would show nothing more. */
const mostRounds = 200;

export interface SamplerOptions {
  prompts: readonly SamplePrompt[];
  /** Steps between two rounds. */
  every: number;
  steps: number;
  /** Most positions of the model. */
  context: number;
  /** Tokens that end an answer. */
  stops: ReadonlySet<number>;
  decode: (tokens: readonly number[]) => string;
  progress: ProgressReporter;
  /** Milliseconds that all samples may take by the milliseconds that the steps took. */
  allowance?: ((trained: number) => number) | undefined;
}

/** Asks the model the same prompts before the first step, every few steps and after the last. Reads the weights, changes nothing. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #every: number;
  readonly #length: number;
  /** By prompt, what it said last. */
  readonly #before = new Map<number, readonly number[]>();
  #spent = 0;
  #answers = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#every = Math.max(options.every, Math.ceil(options.steps / mostRounds));
    const longest = Math.max(0, ...options.prompts.map(({ tokens }) => tokens.length));
    this.#length = Math.min(options.context, longest + longestAnswer);
  }

  /**
   * One round, if one is due after this step; prompts that `progress` has a sample of are not asked again.
   *
   * @param trained milliseconds that the steps took
   * Errors: the signal's reason, between two passes.
   */
  async sample(program: TrainingProgram, step: number, trained: number, signal: AbortSignal): Promise<void> {
    const { steps, prompts, progress, allowance = defaultAllowance } = this.#options;
    if (step % this.#every !== 0 && step !== steps) return;
    const done = new Set(progress.samples.filter((one) => one.step === step).map(({ index }) => index));
    const allowed = allowance(trained);
    for (const [index, prompt] of prompts.entries()) {
      if (done.has(index) || prompt.tokens.length >= this.#length) continue;
      const sample = await this.#answer(program, prompt, index, allowed, signal);
      if (sample === null) break;
      progress.sample({ step, index, ...sample });
    }
  }

  /** What the samples cost, in words; null when there were none. */
  get summary(): string | null {
    if (this.#answers === 0) return null;
    const seconds = this.#spent / 1000;
    return `Samples: ${this.#answers} answers in ${seconds.toFixed(1)} s, ${(seconds / this.#answers).toFixed(2)} s each.`;
  }

  /** Null when no time is left for a single token. */
  async #answer(
    program: TrainingProgram,
    prompt: SamplePrompt,
    index: number,
    allowed: number,
    signal: AbortSignal,
  ): Promise<Omit<TrainingSample, "step" | "index"> | null> {
    const before = this.#before.get(index) ?? [];
    const start = performance.now();
    const spent = (): number => performance.now() - start;
    const { stops, progress, decode } = this.#options;
    const { tokens, complete } = await continueGreedily(
      program,
      {
        prompt: prompt.tokens,
        drafts: [prompt.expectedTokens, before],
        limit: longestAnswer,
        length: this.#length,
        stops,
      },
      async () => {
        progress.heartbeat();
        await breathe(signal);
        return this.#spent + spent() < allowed;
      },
    );
    const milliseconds = spent();
    this.#spent += milliseconds;
    if (tokens.length === 0 && !complete) return null;
    this.#answers += 1;
    this.#before.set(index, tokens);
    return {
      prompt: prompt.prompt,
      expected: prompt.expected,
      answer: decode(tokens),
      complete,
      seconds: milliseconds / 1000,
    };
  }
}
