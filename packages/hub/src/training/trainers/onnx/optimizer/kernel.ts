import { readFileSync } from "node:fs";
import { blockNumbers } from "./shares.ts";
import type { Range } from "./shares.ts";

const module = new WebAssembly.Module(readFileSync(new URL("optimizer.wasm", import.meta.url)));

export const numberBytes = Float32Array.BYTES_PER_ELEMENT;
/** The trained numbers and what belongs to them, all at the same places. */
export type Memories = Readonly<
  Record<"parameters" | "firstMoments" | "secondMoments" | "gradients", WebAssembly.Memory>
>;

/** A range, and what its parameters are multiplied with: the decay of their weights. */
export interface Stretch extends Range {
  readonly keep: number;
}

/** What all stretches of an update have in common. */
export interface Factors {
  readonly clip: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly rate: number;
  readonly epsilon: number;
}

/** A piece of an optimizer's step. */
export type Work =
  | { readonly kind: "sums"; readonly range: Range }
  | { readonly kind: "adamw"; readonly stretches: readonly Stretch[]; readonly factors: Factors };

/** `optimizer.wasm` over some memories. */
export class Kernel {
  readonly #functions: Readonly<Record<string, (...values: number[]) => number>>;

  constructor(memories: Memories) {
    this.#functions = new WebAssembly.Instance(module, { memories }).exports;
  }

  /**
   * Does a piece of work. Of `sums`: the sum of the squares of the gradients in each block of {@link blockNumbers},
   * of which the range begins one; of `adamw`: nothing.
   */
  do(work: Work): number[] {
    if (work.kind === "sums") return this.#sumsOfSquares(work.range);
    const { clip, beta1, beta2, rate, epsilon } = work.factors;
    for (const { from, to, keep } of work.stretches)
      this.#call("adamw", numberBytes * from, numberBytes * to, clip, beta1, beta2, rate, epsilon, keep);
    return [];
  }

  #sumsOfSquares({ from, to }: Range): number[] {
    const sums: number[] = [];
    for (let at = from; at < to; at += blockNumbers)
      sums.push(this.#call("sumOfSquares", numberBytes * at, numberBytes * Math.min(at + blockNumbers, to)));
    return sums;
  }

  #call(name: string, ...values: number[]): number {
    const called = this.#functions[name];
    if (called === undefined) throw new Error(`optimizer.wasm has no function ${name}`);
    return called(...values);
  }
}
