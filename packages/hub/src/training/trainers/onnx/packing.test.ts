import { describe, expect, test } from "vitest";
import { batchesOfStep, planSteps } from "./data/batches.ts";
import { binCapacity, packRows, sequencesOfBatch } from "./data/bins.ts";
import { severalRowsSource } from "./data/several-rows.ts";
import { rowSource } from "./data/sources.ts";
import { TokenStore } from "./data/token-store.ts";
import { createProgram, linearNames } from "./program.ts";
import type { Batch, ProgramSpec } from "./program.ts";
import { familyShapes, tinyShape, tinySpec, tinyWeights } from "./runtime/tiny-model.ts";

/** Rows of different lengths; of each the second half is learned. */
function storeOf(lengths: readonly number[]): TokenStore {
  const store = new TokenStore();
  for (const [row, length] of lengths.entries()) {
    const tokens = Int32Array.from(
      { length },
      (_, index) => (index * 7 + row * 13 + 3) % tinyShape.vocabulary,
    );
    store.append(
      tokens,
      tokens.map((_, index) => (index >= length / 2 ? 1 : 0)),
    );
  }
  return store;
}

const lengths = [5, 9, 3, 6, 4, 12, 5, 7];

async function stateAfter(spec: ProgramSpec, batches: Batch[]) {
  await using program = await createProgram(spec);
  let lossSum = 0;
  let lossTokens = 0;
  for (const batch of batches) {
    const evaluated = await program.evaluate(batch);
    lossSum += evaluated.lossSum;
    lossTokens += evaluated.lossTokens;
  }
  const { loss, gradientNorm } = await program.step(batches, { learningRate: 1e-2, step: 1 });
  return { loss, gradientNorm, mean: lossSum / lossTokens, state: await program.saveState() };
}

function everyRowAlone(store: TokenStore): Batch[] {
  const source = rowSource(store, null);
  return batchesOfStep(source, planSteps(source, { batchSize: 1, lengths: [16] }, store.rows, 1), 1);
}

const shapes = [
  ["heads of 8, by the fused kernel", tinyShape],
  ["heads of 4, by plain operators", { ...tinyShape, dim: 16, headDim: 4 }],
  ...familyShapes.map(([name, traits]) => [name, { ...tinyShape, traits }] as const),
  ["the same by plain operators", { ...tinyShape, dim: 16, headDim: 4, traits: familyShapes[1]?.[1] ?? {} }],
] as const;

describe.each(shapes)("packed rows of a model with %s", (_, shape) => {
  test.each([
    ["full", { kind: "full" }],
    ["lora", { kind: "lora", rank: 4, alpha: 8, targets: linearNames, seed: 7 }],
  ] as const)("have the loss and the gradients of the rows alone (%s)", async (_kind, train) => {
    const store = storeOf(lengths);
    const bins = packRows(store, 15);
    const source = severalRowsSource(store, bins, null);
    const batchSize = bins.rows.length;
    expect(batchSize).toBeLessThan(lengths.length);
    const plan = planSteps(source, { batchSize, lengths: [16] }, 1, 1);
    const base = { weights: tinyWeights(shape), train };
    const packed = await stateAfter(tinySpec({ ...base, batchSize }), batchesOfStep(source, plan, 1));
    const alone = await stateAfter(
      tinySpec({ ...base, batchSize: 1, accumulate: store.rows }),
      everyRowAlone(store),
    );
    expect(packed.loss).toBeCloseTo(alone.loss, 5);
    expect(packed.mean).toBeCloseTo(alone.mean, 5);
    expect(packed.gradientNorm).toBeCloseTo(alone.gradientNorm, 4);
    // First and second moments after one step are the gradients and their squares.
    for (const [name, values] of alone.state) {
      const other = packed.state.get(name) ?? new Float32Array();
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
      const difference = values.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? NaN))),
        0,
      );
      // A weight moves by the sign of its gradient in the first step, however small that is.
      if (name.startsWith("m:") || name.startsWith("v:"))
        expect(difference / largest, name).toBeLessThan(1e-4);
    }
    expect([...alone.state.keys()].filter((name) => name.startsWith("m:")).length).toBeGreaterThan(0);
  });

  test("see nothing of each other", async () => {
    await using program = await createProgram(tinySpec({ weights: tinyWeights(shape), batchSize: 1 }));
    const places = Int32Array.from([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0]);
    const tokens = Int32Array.from({ length: 16 }, (_, index) => (index * 5 + 1) % 48);
    const targets = new Int32Array(16).fill(-1);
    targets.set([7, 8, 9], 6);
    const first = await program.evaluate({ tokens, targets, places });
    const other = await program.evaluate({ tokens: tokens.with(2, 40), targets, places });
    expect(other).toEqual(first);
    const unpacked = await program.evaluate({ tokens, targets });
    expect(unpacked.lossSum).not.toBeCloseTo(first.lossSum, 3);
  });
});

test("places that cannot be are refused", async () => {
  await using program = await createProgram(tinySpec({ batchSize: 1 }));
  const tokens = new Int32Array(16);
  const places = new Int32Array(16);
  await expect(
    program.evaluate({ tokens, targets: tokens, places: places.with(3, 4) }),
  ).rejects.toMatchObject({
    code: "invalid_request",
  });
  await expect(
    program.evaluate({ tokens, targets: tokens, places: new Int32Array(15) }),
  ).rejects.toMatchObject({ code: "invalid_request" });
});

test("every row is in one sequence, none is too long, and a step takes about as many rows", () => {
  const store = storeOf([...Array.from({ length: 90 }, (_, index) => 10 + (index % 30)), 400]);
  const capacity = binCapacity(store, 512);
  expect(capacity).toBe(128);
  const bins = packRows(store, capacity);
  expect(bins.rows.flat().toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: 91 }, (_, row) => row),
  );
  for (const [bin, rows] of bins.rows.entries()) {
    expect(bins.lengths[bin]).toBe(rows.reduce((sum, row) => sum + store.row(row).tokens.length - 1, 0));
    expect((bins.lengths[bin] ?? 0) <= capacity || rows.length === 1).toBe(true);
  }
  const filled = bins.lengths.reduce((sum, length) => sum + Math.min(length, capacity), 0);
  expect(filled / (bins.rows.length * capacity)).toBeGreaterThan(0.9);
  expect(sequencesOfBatch(bins, store, 8)).toBe(2);
  expect(sequencesOfBatch(bins, store, 1)).toBe(1);
});
