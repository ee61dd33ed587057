import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchesOfStep, batchesOnce, batchLengths, mostScored, planSteps } from "./batches.ts";
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
    const source = rowSource(storeOf([4]), null);
    source.fill(0, 0, tokens, targets);
    expect([source.length(0, 0), [...source.lengths], [...source.scored]]).toEqual([3, [3], [2]]);
    expect([...tokens]).toEqual([1, 2, 3, 0, 0, 0]);
    expect([...targets]).toEqual([-1, 3, 4, -1, -1, -1]);
  });

  test("an epoch has every row once, epochs have different orders, and a seed repeats them", () => {
    const store = storeOf(Array.from({ length: 40 }, () => 3));
    const firsts = (seed: number | null, epoch: number) => {
      const source = rowSource(store, seed === null ? null : { seed, rowsPerStep: 4 });
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
          source.fill(epoch, index, tokens, targets);
          const filled = source.length(epoch, index);
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

test("rows of one step have like lengths, in every epoch, and no row is lost", () => {
  const lengths = Array.from({ length: 130 }, (_, row) => 3 + ((row * 37) % 60));
  const rowsPerStep = 8;
  const source = rowSource(storeOf(lengths), { seed: 3, rowsPerStep });
  const all = Array.from({ length: 3 * 130 }, (_, index) =>
    source.length(Math.floor(index / 130), index % 130),
  );
  for (let epoch = 0; epoch < 3; epoch++) {
    const seen = all.slice(epoch * 130, (epoch + 1) * 130).toSorted((a, b) => a - b);
    expect(seen).toEqual(lengths.map((length) => length - 1).toSorted((a, b) => a - b));
  }
  const steps = Array.from({ length: Math.floor(all.length / rowsPerStep) }, (_, step) =>
    all.slice(step * rowsPerStep, (step + 1) * rowsPerStep),
  );
  const spread = steps.reduce((sum, step) => sum + Math.max(...step) - Math.min(...step), 0) / steps.length;
  // Eight of sixty lengths at random are about 47 apart.
  expect(spread).toBeLessThan(15);
  // The steps themselves are not in order of length.
  const means = steps.slice(0, 16).map((step) => step.reduce((sum, length) => sum + length, 0));
  expect(means).not.toEqual(means.toSorted((a, b) => a - b));
});

describe("shapes of batches", () => {
  test("lengths are the longest of each quarter, in steps of 16, within the limit", () => {
    const lengths = Uint32Array.from([5, 100, 17, 33, 6, 40, 7, 20]);
    const of = (batchSize: number, limit: number) => ({ batchSize, limit });
    expect(batchLengths(lengths, undefined, of(8, 512))).toEqual([16, 32, 48, 112]);
    expect(batchLengths(lengths, Uint32Array.of(130), of(8, 512))).toEqual([16, 32, 48, 144]);
    expect(batchLengths(lengths, Uint32Array.of(30), of(8, 101))).toEqual([16, 32, 48, 101]);
    expect(batchLengths(Uint32Array.of(9), undefined, of(8, 512))).toEqual([16]);
    // Two sequences of less than 64 would be fewer than 128 rows.
    expect(batchLengths(lengths, undefined, of(2, 512))).toEqual([64, 112]);
    expect(batchLengths(lengths, undefined, of(2, 40))).toEqual([40]);
  });

  test("mostScored bounds every batch, and is left open where nearly all is scored", () => {
    const source = rowSource(storeOf([10, 20, 300, 400]), { seed: 1, rowsPerStep: 2 });
    // Half of each row is learned: 5, 10, 150, 200.
    expect(mostScored([source, null], 2, 400)).toBe(352);
    expect(mostScored([source, null], 2, 190)).toBeUndefined();
    expect(mostScored([rowSource(storeOf([10, 20]), null), null], 2, 400)).toBe(128);
    expect(mostScored([packedSource(storeOf([400, 400]), 160, 1)], 2, 160)).toBeUndefined();
  });
});

describe("steps", () => {
  const shape = { batchSize: 2, lengths: [2] };
  const rowsOf = (count: number) => storeOf(Array.from({ length: count }, () => 3));

  test("run on over the end of an epoch; only the last step is padded", () => {
    const source = rowSource(rowsOf(5), { seed: 1, rowsPerStep: 4 });
    const plan = planSteps(source, shape, 2, 1.5);
    expect(plan).toMatchObject({ sequences: 8, steps: 2 });
    const inputs = [1, 2].map((step) => batchesOfStep(source, plan, step).map((batch) => batch.inputs));
    expect(inputs).toEqual([
      [4, 4],
      [4, 4],
    ]);
    const shorter = planSteps(source, shape, 2, 1);
    const [part, ...empty] = batchesOfStep(source, shorter, 2);
    expect(part?.inputs).toBe(2);
    expect(part?.targets.subarray(2)).toEqual(Int32Array.of(-1, -1));
    expect(empty).toEqual([]);
  });

  test("a batch is as long as its longest sequence needs", () => {
    const source = rowSource(storeOf([3, 4, 9, 30]), null);
    const plan = planSteps(source, { batchSize: 2, lengths: [4, 16, 32] }, 1, 1);
    const [first, second] = [1, 2].map((step) => batchesOfStep(source, plan, step)[0]);
    expect([first?.tokens.length, second?.tokens.length]).toEqual([8, 64]);
    expect([...(first?.targets ?? [])]).toEqual([-1, 3, -1, -1, -1, 103, 104, -1]);
  });

  test("accumulated batches hold the rows of the large batch, in its order", () => {
    const source = rowSource(rowsOf(8), { seed: 1, rowsPerStep: 4 });
    const large = planSteps(source, { ...shape, batchSize: 4 }, 1, 2);
    const small = planSteps(source, shape, 2, 2);
    expect(small.steps).toBe(large.steps);
    for (let step = 1; step <= large.steps; step++) {
      const tokens = batchesOfStep(source, small, step).flatMap((batch) => [...batch.tokens]);
      expect(tokens).toEqual(batchesOfStep(source, large, step).flatMap((batch) => [...batch.tokens]));
    }
  });

  test("validation takes each sequence once", () => {
    const source = rowSource(rowsOf(5), null);
    expect([...batchesOnce(source, shape, 100)].map((batch) => batch.inputs)).toEqual([4, 4, 2]);
    expect([...batchesOnce(source, shape, 3)].map((batch) => batch.inputs)).toEqual([4, 2]);
  });
});
