import { HearthError } from "../../../../errors.ts";
import { elementCount } from "../graph/value.ts";
import type { Shape } from "../graph/value.ts";
import type { OptimizerSettings, StepScalars } from "../model/adamw.ts";
import { stateNames } from "../model/adamw.ts";
import type { Parameter } from "../model/graphs.ts";
import { gradientName } from "../model/graphs.ts";
import { numberBytes } from "./kernel.ts";
import type { Memories, Stretch } from "./kernel.ts";
import { KernelThreads } from "./kernel-threads.ts";
import { lanes, sharesOf } from "./shares.ts";
import type { Range } from "./shares.ts";

const pageBytes = 65_536;
/** A tensor in the memory: name, shape and values. */
export type TrainedTensor = readonly [name: string, shape: Shape, values: Float32Array];

/**
 * What is trained, in host memory: parameters, gradients and moments, and the optimizer's step over them. It passes
 * over the numbers twice, for their norm and for AdamW, where the runtime's operators would pass fourteen times.
 */
export class TrainedMemory implements AsyncDisposable {
  /** Views of the memory, named by {@link stateNames} and {@link gradientName}; all zero at first. */
  readonly tensors: readonly TrainedTensor[];
  readonly #settings: OptimizerSettings;
  readonly #places: readonly (Range & { decays: boolean })[];
  readonly #gradients: Float32Array;
  readonly #shares: readonly Range[];
  readonly #threads: KernelThreads;

  /**
   * @param parameters together at most `mostTrained` numbers
   * @param threads that may work at once, the calling one among them; the results are the same for any number
   * Errors: HearthError `resource_exhausted` when the system does not give the memory.
   */
  constructor(parameters: readonly Parameter[], settings: OptimizerSettings, threads: number) {
    this.#settings = settings;
    let end = 0;
    const places = parameters.map(({ name, shape, decays }) => {
      const from = end;
      end += Math.ceil(elementCount(shape) / lanes) * lanes;
      return { name, shape, decays, from, to: end };
    });
    this.#places = places;
    this.#shares = sharesOf(end, threads);
    const memories = memoriesOf(end);
    this.#gradients = new Float32Array(memories.gradients.buffer);
    this.#threads = new KernelThreads(memories);
    this.tensors = places.flatMap(({ name, shape, from }) => {
      const [parameter, first, second] = stateNames(name);
      const named = [
        [parameter, memories.parameters],
        [first, memories.firstMoments],
        [second, memories.secondMoments],
        [gradientName(name), memories.gradients],
      ] as const;
      return named.map(
        ([tensor, { buffer }]) =>
          [tensor, shape, new Float32Array(buffer, numberBytes * from, elementCount(shape))] as const,
      );
    });
  }

  /** Sets all gradients to 0. */
  clearGradients(): void {
    this.#gradients.fill(0);
  }

  /**
   * Clipping and AdamW with the gradients that lie in the memory.
   *
   * @returns the norm of all gradients; where it is not finite nothing was changed
   */
  async step(scalars: StepScalars): Promise<number> {
    const sums = await this.#threads.run(this.#shares.map((range) => ({ kind: "sums", range })));
    const norm = Math.fround(Math.sqrt(sums.flat().reduce((sum, one) => sum + one, 0)));
    if (!Number.isFinite(norm)) return norm;
    const { beta1, beta2, clipNorm } = this.#settings;
    const { rate, stepEpsilon: epsilon } = scalars;
    const factors = { clip: clipNorm === null ? 1 : clipScale(clipNorm, norm), beta1, beta2, rate, epsilon };
    await this.#threads.run(
      this.#shares.map((share) => ({ kind: "adamw", stretches: this.#stretchesIn(share, scalars), factors })),
    );
    return norm;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#threads[Symbol.asyncDispose]();
  }

  #stretchesIn(share: Range, { keep }: StepScalars): Stretch[] {
    const decay = this.#settings.weightDecay === 0 ? 1 : keep;
    return this.#places
      .map(({ from, to, decays }) => ({
        from: Math.max(from, share.from),
        to: Math.min(to, share.to),
        keep: decays ? decay : 1,
      }))
      .filter(({ from, to }) => from < to);
  }
}

/** min(1, clipNorm / (norm + 1e-6)), each step rounded to 32 bits as the graph does. */
function clipScale(clipNorm: number, norm: number): number {
  const divisor = Math.fround(norm + Math.fround(1e-6));
  return Math.min(1, Math.fround(Math.fround(clipNorm) / divisor));
}

function memoriesOf(numbers: number): Memories {
  const pages = Math.ceil((numberBytes * numbers) / pageBytes);
  const memory = () => new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  try {
    return {
      parameters: memory(),
      firstMoments: memory(),
      secondMoments: memory(),
      gradients: memory(),
    };
  } catch (error) {
    throw new HearthError(
      "resource_exhausted",
      `the system does not give four times ${numberBytes * numbers} bytes for what is trained: ${String(error)}`,
      { cause: error },
    );
  }
}
