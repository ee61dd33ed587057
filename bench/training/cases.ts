import type { ModelWriteType } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { presets } from "../models/random-model.ts";

/** Kinds of base weights that LoRA is measured on: one more here is one more pair of lines. */
export const baseTypes = ["F32", "Q8_0"] as const satisfies readonly ModelWriteType[];
export type BaseType = (typeof baseTypes)[number] | "Q4_K_M";

const rotary = { normEps: 1e-5, ropeTheta: 10_000, tied: true };

/** Shapes by what they are called in the table. */
export const shapes = {
  /** 2.85 million parameters. */
  "3M": {
    ...rotary,
    vocabulary: 512,
    dim: 192,
    layers: 7,
    heads: 6,
    kvHeads: 2,
    headDim: 32,
    ffn: 512,
    context: 128,
  },
  /** 9.8 million. */
  "10M": {
    ...rotary,
    vocabulary: 3072,
    dim: 320,
    layers: 8,
    heads: 10,
    kvHeads: 2,
    headDim: 32,
    ffn: 896,
    context: 128,
  },
  /** 100 million. */
  "0.1B": {
    ...rotary,
    vocabulary: 32_000,
    dim: 768,
    layers: 12,
    heads: 12,
    kvHeads: 4,
    headDim: 64,
    ffn: 2048,
    context: 512,
  },
  /** 386 million, in the proportions of Qwen 2.5 0.5B. */
  "0.5B": presets["0.5b"],
} as const;
export type ShapeName = keyof typeof shapes;

/** One thing that every contender trains. */
export interface TrainingCase {
  /** Chooses it with `--parts`. */
  readonly part: string;
  readonly shape: ShapeName;
  /** Of the adapters; 0 trains all weights. */
  readonly rank: number;
  readonly base: BaseType;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly steps: number;
  /** Steps that are not counted: the first ones fill caches and heaps, and compile. */
  readonly warmUp: number;
  /** Also measured with `--quick`. */
  readonly quick: boolean;
  /** Minutes a contender may take; one that takes longer is left out of the row, with a note. */
  readonly minutes: number;
}

const small = { base: "F32", batchSize: 8, sequenceLength: 128, steps: 16, warmUp: 3, minutes: 30 } as const;

const lora = { rank: 8, sequenceLength: 128, quick: false, minutes: 30 } as const;
const tenth = { ...lora, part: "lora-0.1b", shape: "0.1B", batchSize: 4, steps: 6, warmUp: 2 } as const;
const half = { ...lora, part: "lora-0.5b", shape: "0.5B", batchSize: 2, steps: 4, warmUp: 1 } as const;

export const trainingCases: readonly TrainingCase[] = [
  { ...small, part: "pretrain-3m", shape: "3M", rank: 0, quick: true },
  { ...small, part: "lora-3m", shape: "3M", rank: 8, quick: true },
  { ...small, part: "pretrain-10m", shape: "10M", rank: 0, steps: 11, quick: false },
  ...baseTypes.map((base): TrainingCase => ({ ...tenth, base })),
  // Super-blocks of 256 weights: the rows of the larger shape, of 896, have no whole number of them.
  { ...tenth, base: "Q4_K_M" },
  ...baseTypes.map((base): TrainingCase => ({ ...half, base })),
];

/** The case in the words of the table. */
export function caseName({ shape, rank, base }: TrainingCase): string {
  return rank === 0 ? `pre-train ${shape}` : `LoRA r${rank} on ${shape} in ${base}`;
}
