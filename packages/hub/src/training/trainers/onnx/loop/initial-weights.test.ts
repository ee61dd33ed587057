import { expect, test } from "vitest";
import { tinyShape } from "../testing/tiny-base.ts";
import { initialWeights } from "./initial-weights.ts";

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

test("each tensor has its own deviation, its seed's numbers, and those in any order of reading", async () => {
  const weights = initialWeights(tinyShape, 1);
  const { dim, ffn, layers } = tinyShape;
  const residual = 1 / Math.sqrt(2 * layers);
  const expected: [string, number][] = [
    ["token_embd.weight", 0.02],
    ["blk.0.attn_q.weight", 1 / Math.sqrt(dim)],
    ["blk.1.attn_output.weight", residual / Math.sqrt(dim)],
    ["blk.1.ffn_down.weight", residual / Math.sqrt(ffn)],
  ];
  for (const [name, size] of expected) expect(deviation(await weights.read(name)) / size).toBeCloseTo(1, 1);
  expect([...(await weights.read("blk.0.ffn_norm.weight"))]).toEqual(Array.from({ length: dim }, () => 1));
  const again = initialWeights(tinyShape, 1);
  expect(await again.read("blk.1.ffn_up.weight")).toEqual(await weights.read("blk.1.ffn_up.weight"));
  expect(await weights.read("blk.1.ffn_up.weight")).not.toEqual(await weights.read("blk.0.ffn_up.weight"));
  const other = initialWeights(tinyShape, 2);
  expect(await other.read("blk.1.ffn_up.weight")).not.toEqual(await weights.read("blk.1.ffn_up.weight"));
  await expect(weights.read("blk.9.ffn_up.weight")).rejects.toThrow(/no tensor blk\.9/);
});
