import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchesOfStep, batchesOnce, planSteps } from "./batches.ts";
import { packedSource, rowSource } from "./sources.ts";
import { TokenStore } from "./token-store.ts";

/** Rows whose tokens say where they come from: row · 100 + position, the second half learned. */
function storeOf(lengths: readonly number[]): TokenStore {
  const store = new TokenStore();
  lengths.forEach((length, row) => {
    const tokens = Array.from({ length }, (_, position) => row * 100 + position + 1);
    store.append(
      tokens,
      tokens.map((_, position) => (position >= length / 2 ? 1 : 0)),
    );
  });
  return store;
}

describe("rowSource", () => {
  test("shifts targets by one, scores only what is learned, pads with no loss", () => {
    const tokens = new Int32Array(6).fill(9);
    const targets = new Int32Array(6).fill(9);
    const inputs = rowSource(storeOf([4]), 1).fill(0, 0, tokens, targets);
    expect(inputs).toBe(3);
    expect([...tokens]).toEqual([1, 2, 3, 0, 0, 0]);
    expect([...targets]).toEqual([-1, 3, 4, -1, -1, -1]);
  });

  test("an epoch has every row once, epochs have different orders, and a seed repeats them", () => {
    const store = storeOf(Array.from({ length: 40 }, () => 3));
    const firsts = (seed: number | null, epoch: number) => {
      const source = rowSource(store, seed);
      return Array.from({ length: source.count }, (_, index) => {
        const tokens = new Int32Array(2);
        source.fill(epoch, index, tokens, new Int32Array(2));
        return tokens[0];
      });
    };
    const inOrder = firsts(null, 3);
    expect(inOrder).toEqual(Array.from({ length: 40 }, (_, row) => row * 100 + 1));
    expect(firsts(5, 0).toSorted((a = 0, b = 0) => a - b)).toEqual(inOrder);
    expect(firsts(5, 0)).toEqual(firsts(5, 0));
    expect(firsts(5, 0)).not.toEqual(firsts(5, 1));
    expect(firsts(5, 0)).not.toEqual(firsts(6, 0));
  });
});

test("packedSource: the sequences of an epoch are its documents one after another, nothing lost or doubled", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(3),
      (lengths, sequenceLength, epoch) => {
        const store = storeOf(lengths);
        fc.pre(store.totalTokens > 1);
        const source = packedSource(store, sequenceLength, 4);
        const inputs: number[] = [];
        const produced: number[] = [];
        for (let index = 0; index < source.count; index++) {
          const tokens = new Int32Array(sequenceLength);
          const targets = new Int32Array(sequenceLength);
          const filled = source.fill(epoch, index, tokens, targets);
          expect([...targets.subarray(filled)].every((target) => target === -1)).toBe(true);
          inputs.push(...tokens.subarray(0, filled));
          produced.push(...targets.subarray(0, filled));
        }
        const stream = [...inputs, ...produced.slice(-1)];
        expect(produced).toEqual(stream.slice(1));
        const expected = lengths.flatMap((length, row) =>
          Array.from({ length }, (_, at) => row * 100 + at + 1),
        );
        expect(stream.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
      },
    ),
  );
});

describe("steps", () => {
  test("run on over the end of an epoch; only the last step is padded", () => {
    const source = rowSource(storeOf([3, 3, 3, 3, 3]), 1);
    const plan = planSteps(source, { batchSize: 2, sequenceLength: 2 }, 2, 1.5);
    expect(plan).toMatchObject({ sequences: 8, steps: 2 });
    const inputs = [1, 2].map((step) => batchesOfStep(source, plan, step).map((batch) => batch.inputs));
    expect(inputs).toEqual([
      [4, 4],
      [4, 4],
    ]);
    const shorter = planSteps(source, { batchSize: 2, sequenceLength: 2 }, 2, 1);
    const [part, ...empty] = batchesOfStep(source, shorter, 2);
    expect(part?.inputs).toBe(2);
    expect(part?.targets.subarray(2)).toEqual(Int32Array.of(-1, -1));
    expect(empty).toEqual([]);
  });

  test("accumulated batches hold the rows of the large batch, in its order", () => {
    const source = rowSource(storeOf([3, 3, 3, 3, 3, 3, 3, 3]), 1);
    const large = planSteps(source, { batchSize: 4, sequenceLength: 2 }, 1, 2);
    const small = planSteps(source, { batchSize: 2, sequenceLength: 2 }, 2, 2);
    expect(small.steps).toBe(large.steps);
    for (let step = 1; step <= large.steps; step++) {
      const tokens = batchesOfStep(source, small, step).flatMap((batch) => [...batch.tokens]);
      expect(tokens).toEqual(batchesOfStep(source, large, step).flatMap((batch) => [...batch.tokens]));
    }
  });

  test("validation takes each sequence once", () => {
    const source = rowSource(storeOf([3, 3, 3, 3, 3]), null);
    const batches = [...batchesOnce(source, { batchSize: 2, sequenceLength: 2 }, 100)];
    expect(batches.map((batch) => batch.inputs)).toEqual([4, 4, 2]);
    expect(
      [...batchesOnce(source, { batchSize: 2, sequenceLength: 2 }, 3)].map((batch) => batch.inputs),
    ).toEqual([4, 2]);
  });
});
