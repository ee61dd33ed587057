import { expect, test } from "vitest";
import { measureTrainingMemory, tolerance, type MemoryCase } from "./training-memory.ts";

const cases: MemoryCase[] = [
  { shape: "0.3M", batchSize: 8, lengths: [128] },
  { shape: "2.85M", type: "Q8_0", batchSize: 8, lengths: [128] },
  { shape: "2.85M", type: "Q8_0", batchSize: 16, lengths: [128] },
  { shape: "2.85M", type: "Q8_0", batchSize: 16, lengths: [128], recompute: true },
];

// Other systems count resident memory otherwise.
test.skipIf(process.platform !== "linux")(
  "a training takes the memory that was told, and less where layers are computed again",
  async () => {
    const peaks: number[] = [];
    for (const one of cases) {
      const { parts, peakBytes } = await measureTrainingMemory(one, 2);
      const estimated = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
      expect(Math.abs(estimated / peakBytes - 1), JSON.stringify(one)).toBeLessThanOrEqual(tolerance);
      peaks.push(peakBytes);
    }
    const [kept = 0, again = 0] = peaks.slice(-2);
    expect(again).toBeLessThan(kept - 50e6);
  },
  600_000,
);
