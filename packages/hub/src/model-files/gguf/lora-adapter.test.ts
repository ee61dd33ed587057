import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { readLoraGguf, writeLoraGguf } from "./lora-adapter.ts";
import type { LoraTensor } from "./lora-adapter.ts";
import { writeGguf } from "./write.ts";
import type { GgufEntry } from "./write.ts";

function sample(name: string, rank: number, inputs: number, out: number): LoraTensor {
  const a = Float32Array.from({ length: rank * inputs }, (_, index) => index / 8);
  const b = Float32Array.from({ length: out * rank }, (_, index) => -index / 4);
  return { name, a, b, rank, in: inputs, out };
}

const tensors = [sample("blk.0.attn_q.weight", 2, 8, 6), sample("blk.1.ffn_down.weight", 3, 4, 8)];
const kind: GgufEntry[] = [
  ["general.architecture", "string", "llama"],
  ["general.type", "string", "adapter"],
  ["adapter.type", "string", "lora"],
  ["adapter.lora.alpha", "f32", 16],
];

describe("adapters as GGUF", () => {
  test.each(["F32", "F16"] as const)("come back as written in %s", async (type) => {
    await using folder = await temporaryFolder();
    await writeLoraGguf(folder.file("a"), { architecture: "llama", alpha: 16, tensors, type });
    expect(await readLoraGguf(folder.file("a"))).toEqual({ architecture: "llama", alpha: 16, tensors });
  });

  test("numbers that do not match the sizes are refused", async () => {
    await using folder = await temporaryFolder();
    const wrong = { ...sample("blk.0.attn_q.weight", 2, 8, 6), rank: 3 };
    const writing = writeLoraGguf(folder.file("a"), {
      architecture: "llama",
      alpha: 1,
      tensors: [wrong],
      type: "F32",
    });
    await expect(writing).rejects.toThrow(/needs 24 and 18 numbers.*found 16 and 12/);
  });

  test.each<[string, GgufEntry[], [name: string, shape: number[]][], RegExp]>([
    ["a model", [["general.architecture", "string", "llama"]], [], /holds "model", not an adapter/],
    ["another kind of adapter", kind.with(2, ["adapter.type", "string", "dora"]), [], /this one is "dora"/],
    ["no tensors", kind, [], /consists of pairs/],
    ["half a pair", kind, [["w.lora_a", [2, 4]]], /\[2, 4\] and \[missing\]/],
    [
      "two ranks",
      kind,
      [
        ["w.lora_a", [2, 4]],
        ["w.lora_b", [4, 3]],
      ],
      /not a pair of matrices of one rank/,
    ],
    [
      "a stranger",
      kind,
      [
        ["w.lora_a", [2, 4]],
        ["w.lora_b", [4, 2]],
        ["token_embd.weight", [1, 4]],
      ],
      /1 of its 3 tensors are something else/,
    ],
    ["an alpha of infinity", kind.with(3, ["adapter.lora.alpha", "f32", Infinity]), [], /alpha is Infinity/],
  ])("%s is refused", async (_, metadata, shapes, message) => {
    await using folder = await temporaryFolder();
    const stored = shapes.map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      return { name, shape, type: "F32" as const, data };
    });
    await writeGguf(folder.file("a"), { metadata, tensors: stored });
    await expect(readLoraGguf(folder.file("a"))).rejects.toThrow(message);
  });
});
