import fc from "fast-check";
import { expect, test } from "vitest";
import { merge } from "./merge.ts";

interface Counts {
  open: number;
  most: number;
  ended: number;
}

async function* source(index: number, length: number, counts: Counts, failsAt = Infinity) {
  counts.open += 1;
  counts.most = Math.max(counts.most, counts.open);
  try {
    for (let step = 0; step < length; step++) {
      await Promise.resolve();
      if (step === failsAt) throw new Error(`source ${index} failed`);
      yield [index, step] as const;
    }
  } finally {
    counts.open -= 1;
    counts.ended += 1;
  }
}

const lengths = fc.array(fc.nat(6), { maxLength: 12 });

test("everything comes once, in each source's own order, never more than so many at a time", async () => {
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1, max: 5 }), async (all, together) => {
      const counts = { open: 0, most: 0, ended: 0 };
      const seen = new Map<number, number[]>();
      const sources = all.map((length, index) => () => source(index, length, counts));
      const stops: string[] = [];
      for await (const [index, step] of merge(sources, together, () => stops.push("stop"))) {
        seen.set(index, [...(seen.get(index) ?? []), step]);
      }
      all.forEach((length, index) =>
        expect(seen.get(index) ?? []).toEqual(Array.from({ length }, (_, step) => step)),
      );
      expect(counts).toMatchObject({ open: 0, ended: all.length });
      expect(counts.most).toBeLessThanOrEqual(together);
      expect(stops).toEqual([]);
    }),
  );
});

test("sources take turns", async () => {
  const counts = { open: 0, most: 0, ended: 0 };
  const order: number[] = [];
  const sources = [0, 1].map((index) => () => source(index, 3, counts));
  for await (const [index] of merge(sources, 2, () => undefined)) order.push(index);
  expect(order).toEqual([0, 1, 0, 1, 0, 1]);
});

test("leaving early stops and ends whatever has begun", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, together) => {
        const counts = { open: 0, most: 0, ended: 0 };
        let stops = 0;
        const sources = [0, 1, 2, 3].map((index) => () => source(index, 5, counts));
        let read = 0;
        for await (const _ of merge(sources, together, () => (stops += 1))) {
          read += 1;
          if (read === steps) break;
        }
        expect(stops).toBe(1);
        expect(counts.open).toBe(0);
      },
    ),
  );
});

test("the failure of one ends all and is told", async () => {
  const counts = { open: 0, most: 0, ended: 0 };
  let stops = 0;
  const sources = [0, 1, 2].map((index) => () => source(index, 9, counts, index === 1 ? 2 : Infinity));
  const read = async () => {
    for await (const _ of merge(sources, 3, () => (stops += 1)));
  };
  await expect(read()).rejects.toThrow("source 1 failed");
  expect(stops).toBe(1);
  expect(counts).toMatchObject({ open: 0, ended: 3 });
});
