import { expect, test } from "vitest";
import { KernelThreads } from "./kernel-threads.ts";
import type { Memories, Work } from "./kernel.ts";

const sums = (from: number, to: number): Work => ({ kind: "sums", range: { from, to } });

function memoriesOf(pages: number): Memories {
  const memory = () => new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return {
    parameters: memory(),
    firstMoments: memory(),
    secondMoments: memory(),
    gradients: memory(),
  };
}

test("each thread does its piece of the shared memory; one that fails is told and replaced", async () => {
  const memories = memoriesOf(1);
  new Float32Array(memories.gradients.buffer).fill(3, 4, 12);
  await using threads = new KernelThreads(memories);
  const pieces = [sums(0, 8), sums(8, 16), sums(16, 32)];
  expect(await threads.run(pieces)).toEqual([[36], [36], [0]]);
  const beyond = sums(16_384, 16_388);
  await expect(threads.run([sums(0, 8), beyond])).rejects.toThrow(/memory access out of bounds/);
  expect(await threads.run(pieces)).toEqual([[36], [36], [0]]);
});
