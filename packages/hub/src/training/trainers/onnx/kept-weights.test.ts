import { describe, expect, test } from "vitest";
import type { BlockType } from "../../../model-files/gguf/blocks.ts";
import { blockTypes, decodeBlocks, emptyBlocks } from "../../../model-files/gguf/blocks.ts";
import { ggmlTypes } from "../../../model-files/gguf/format.ts";
import { decoderTensors } from "../../../model-files/gguf/decoder-shape.ts";
import type { DecoderTraits } from "../../../model-files/gguf/decoder-shape.ts";
import { f16ToF32, f32ToF16 } from "../../../model-files/gguf/quantise.ts";
import { splitRows } from "../../../model-files/gguf/split-blocks.ts";
import { randomBlocks } from "../../../model-files/testing/random-blocks.ts";
import { elementCount } from "./graph/value.ts";
import { evaluationGraph, gradientGraph, headName, logitsGraph, stepGraph } from "./model/graphs.ts";
import type { KeptMatrix } from "./model/kept-weight.ts";
import { planModel } from "./model/plan.ts";
import type { Batch, ProgramSpec, Weights } from "./program.ts";
import { createProgram, linearNames } from "./program.ts";
import { familyShapes, tinyBatch, tinyShape, tinySpec, tinyWeights } from "./runtime/tiny-model.ts";

const adapter = { kind: "lora", rank: 4, alpha: 8, targets: linearNames, seed: 7 } as const;
/** Rows of whole super-blocks. */
const shape = { ...tinyShape, dim: 256, headDim: 64, ffn: 256, tied: false };

/** Weights of which every matrix is in blocks of a type, or in 16-bit floats; and the same, decoded. */
function weightsIn(
  type: BlockType | "F16",
  tied: boolean,
  traits: Partial<DecoderTraits> = {},
): { kept: Weights; decoded: Weights } {
  const own = { ...shape, tied, traits };
  const plain = tinyWeights(own);
  const shapes = decoderTensors(own);
  const readKept = async (name: string): Promise<KeptMatrix | undefined> => {
    const [rows = 0, columns] = shapes.get(name) ?? [];
    if (columns === undefined) return undefined;
    if (type === "F16") return new Uint16Array(f32ToF16(await plain.read(name)).buffer);
    const matrix = emptyBlocks(type, [rows, columns]);
    const blocks = (rows * columns) / ggmlTypes[type].elements;
    splitRows(matrix, randomBlocks(type, blocks, type.endsWith("K") ? -13 : -11, name.length + rows), 0);
    return matrix;
  };
  const read = async (name: string): Promise<Float32Array> => {
    const kept = await readKept(name);
    if (kept === undefined) return plain.read(name);
    return kept instanceof Uint16Array ? f16ToF32(new Uint8Array(kept.buffer)) : decodeBlocks(kept);
  };
  return { kept: { shape: own, read, readKept }, decoded: { shape: own, read } };
}

async function outcome(spec: ProgramSpec, batchOf = (step: number): Batch => tinyBatch(step)) {
  await using program = await createProgram(spec);
  const curve: number[] = [];
  for (let step = 1; step <= 4; step++) {
    const { loss, gradientNorm } = await program.step([batchOf(step)], { learningRate: 1e-2, step });
    curve.push(loss, gradientNorm);
  }
  const { lossSum } = await program.evaluate(tinyBatch(9));
  const logits = await program.logits(tinyBatch(3).tokens.slice(0, 9));
  return { curve: [...curve, lossSum], logits, state: await program.saveState() };
}

describe.each([...blockTypes, "F16"] as const)("a base in %s", (type) => {
  test.each([true, false])("gives the bits that its decoded values give (tied: %s)", async (tied) => {
    const { kept, decoded } = weightsIn(type, tied);
    const own = await outcome(tinySpec({ weights: kept, train: adapter }));
    expect(own).toEqual(await outcome(tinySpec({ weights: decoded, train: adapter })));
    expect(own.curve.every(Number.isFinite)).toBe(true);
    expect(own.curve[6]).not.toBe(own.curve[0]);
  });

  test("whose head is decoded in slices gives the same numbers", async () => {
    const { kept, decoded } = weightsIn(type, true);
    // Twice as many rows as the vocabulary has: slices of a few rows, the last one shorter.
    const sliced = { largestDecodedHead: 1, lossChunk: 100 };
    const own = await outcome(tinySpec({ weights: kept, train: adapter, ...sliced }));
    const whole = await outcome(tinySpec({ weights: decoded, train: adapter }));
    const few = await outcome(tinySpec({ weights: kept, train: adapter, ...sliced, scoredPositions: 30 }));
    for (const found of [own, few]) {
      // The loss before the first update, its gradient's norm, and what came of it after four.
      expect(found.curve[0]).toBeCloseTo(whole.curve[0] ?? NaN, 5);
      expect((found.curve[1] ?? NaN) / (whole.curve[1] ?? NaN)).toBeCloseTo(1, 4);
      expect(found.curve[6]).toBeCloseTo(whole.curve[6] ?? NaN, 1);
    }
  });
});

/** Two rows a sequence. */
const packedBatch = (step: number): Batch => ({
  ...tinyBatch(step),
  places: Int32Array.from({ length: 32 }, (_, i) => (i % 16 < 7 ? i % 16 : (i % 16) - 7)),
});

describe.each(familyShapes)("a base in Q4_K with %s, on packed rows", (_, traits) => {
  const { kept, decoded } = weightsIn("Q4_K", true, traits);
  const whole = outcome(tinySpec({ weights: decoded, train: adapter }), packedBatch);

  test("gives the same bits when its blocks are computed again", async () => {
    const spec = tinySpec({ weights: kept, train: adapter, recompute: true });
    expect(await outcome(spec, packedBatch)).toEqual(await whole);
  });

  test("gives the same numbers when its head is decoded in slices", async () => {
    const sliced = { largestDecodedHead: 1, lossChunk: 4, recompute: true };
    const own = await outcome(tinySpec({ weights: kept, train: adapter, ...sliced }), packedBatch);
    const { curve, logits } = await whole;
    expect(own.curve[0]).toBeCloseTo(curve[0] ?? NaN, 4);
    expect((own.curve[1] ?? NaN) / (curve[1] ?? NaN)).toBeCloseTo(1, 3);
    expect(own.curve[6]).toBeCloseTo(curve[6] ?? NaN, 1);
    expect(own.logits).toHaveLength(logits.length);
  });
});

test.each([
  ["plain logits", {}],
  ["capped logits", { logitCap: 4 }],
])("no graph decodes the whole of a head that is decoded in slices: %s", (_, traits) => {
  const own = { ...shape, vocabulary: 512, traits };
  const planned = planModel(tinySpec({ weights: tinyWeights(own), train: adapter, lossChunk: 4 }));
  const plan = { ...planned, kept: new Map([[headName(own), "Q4_K"] as const]) };
  const batch = { batchSize: 2, sequenceLength: 16, scored: 32 };
  const { optimizer } = tinySpec();
  for (const graph of [
    stepGraph(plan, batch, optimizer),
    gradientGraph(plan, batch, { sums: false }),
    evaluationGraph(plan, batch),
    logitsGraph(plan, 16, 4),
  ]) {
    const largest = Math.max(
      ...graph.operations.flatMap(({ outputs }) =>
        outputs.filter(({ type }) => type === "f32").map(({ shape: extents }) => elementCount(extents)),
      ),
    );
    expect(largest).toBeLessThan(own.vocabulary * own.dim);
  }
});

test("training all weights decodes them", async () => {
  const { kept, decoded } = weightsIn("Q4_K", true);
  expect(await outcome(tinySpec({ weights: kept }))).toEqual(await outcome(tinySpec({ weights: decoded })));
});
