import * as fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "./onnx/data/random.ts";
import { SpikeWatch } from "./loss-spikes.ts";

/** A falling loss with the noise of small batches. */
function falling(steps: number, seed: number): number[] {
  const random = seededRandom(seed, "losses");
  return Array.from(
    { length: steps },
    (_, step) => 0.5 + 3 * Math.exp(-step / 60) + 0.2 * (random.integer(1000) / 1000 - 0.5),
  );
}

test("a loss that stands out is a spike, once, however long it lasts; with the figures", () => {
  const watch = new SpikeWatch();
  for (const loss of falling(80, 1)) expect(watch.add(loss)).toBeNull();
  const spike = watch.add(9);
  expect(spike).not.toBeNull();
  expect(spike?.threshold).toBeGreaterThan(spike?.median ?? Infinity);
  expect(spike?.threshold).toBeLessThan(9);
  expect(watch.add(9.5)).toBeNull();
  expect(watch.add(1.2)).toBeNull();
  expect(watch.add(8)).not.toBeNull();
});

test("noise and a falling curve are none, and nothing is said before there is something to compare with", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
      const watch = new SpikeWatch();
      for (const loss of falling(200, seed)) expect(watch.add(loss)).toBeNull();
    }),
    { numRuns: 50 },
  );
  const fresh = new SpikeWatch();
  for (const loss of [1, 100, 1, 100, 1]) expect(fresh.add(loss)).toBeNull();
});

test("a run that goes on from a checkpoint finds the same spikes", () => {
  const losses = [...falling(70, 3), 7, ...falling(10, 4)];
  const found = (from: number): number[] => {
    const watch = new SpikeWatch(losses.slice(0, from));
    return losses.slice(from).flatMap((loss, index) => (watch.add(loss) === null ? [] : [from + index]));
  };
  expect(found(0)).toEqual([70]);
  expect(found(60)).toEqual([70]);
});
