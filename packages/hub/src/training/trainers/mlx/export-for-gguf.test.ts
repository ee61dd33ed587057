import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeMlxAdapter, writeMlxModel } from "../../../inference/tests/mlx-models.ts";
import { TestFolder, tinyShape } from "../../../inference/tests/model-fixtures.ts";
import { readSafetensor, readSafetensorsHeader } from "../../../model-files/safetensors.ts";
import { readMlxAdapter } from "../../../model-files/mlx/adapter.ts";

let folder: TestFolder;
beforeAll(async () => {
  folder = await TestFolder.create();
  await writeMlxModel(folder.file("base"), tinyShape, 1);
  await writeMlxAdapter(folder.file("adapter"), tinyShape, 2);
});
afterAll(() => folder[Symbol.asyncDispose]());

async function changed(file: string, change: Record<string, unknown>): Promise<void> {
  const before: object = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...before, ...change }));
}

test("both matrices are transposed, rows of queries interleaved, alpha is scale times rank", async () => {
  const { tensors, alpha, architecture } = await readMlxAdapter(folder.file("adapter"), folder.file("base"));
  expect({ alpha, architecture }).toEqual({ alpha: 8, architecture: "llama" });
  const layers = ["attn_q", "attn_v"].flatMap((linear) =>
    [0, 1].map((layer) => `blk.${layer}.${linear}.weight`),
  );
  expect(tensors.map(({ name }) => name).toSorted()).toEqual(layers.toSorted());
  const header = await readSafetensorsHeader(join(folder.file("adapter"), "adapters.safetensors"));
  for (const { name, a, b, rank, in: inputs, out } of tensors) {
    const linear = name.includes("attn_q") ? "q_proj" : "v_proj";
    const at = `model.layers.${name.split(".")[1] ?? ""}.self_attn.${linear}`;
    const [loraA, loraB] = [
      await readSafetensor(header, `${at}.lora_a`),
      await readSafetensor(header, `${at}.lora_b`),
    ];
    expect({ rank, inputs, out: out * rank }).toEqual({ rank: 4, inputs: tinyShape.dim, out: loraB.length });
    for (const [r, i] of [
      [0, 1],
      [3, tinyShape.dim - 1],
    ] as const)
      expect(a[r * inputs + i]).toBe(loraA[i * rank + r]);
    // The third row of GGUF's second head is the second of its first half; values are not rotated and stay.
    const row = tinyShape.headDim + 2;
    const from = linear === "q_proj" ? tinyShape.headDim + 1 : row;
    expect(b[row * rank + 3]).toBe(loraB[3 * out + from]);
  }
});

test("what GGUF has no names or no known order for is refused", async () => {
  await writeMlxModel(folder.file("odd"), tinyShape, 1, { config: { model_type: "mamba" } });
  await expect(readMlxAdapter(folder.file("adapter"), folder.file("odd"))).rejects.toThrow(
    /architecture "mamba"/,
  );
  await writeMlxAdapter(folder.file("dora"), tinyShape, 2);
  await changed(join(folder.file("dora"), "adapter_config.json"), { fine_tune_type: "dora" });
  await expect(readMlxAdapter(folder.file("dora"), folder.file("base"))).rejects.toThrow(/plain LoRA/);
  await writeMlxAdapter(folder.file("ranks"), tinyShape, 2);
  await changed(join(folder.file("ranks"), "adapter_config.json"), {
    lora_parameters: { rank: 8, scale: 2 },
  });
  await expect(readMlxAdapter(folder.file("ranks"), folder.file("base"))).rejects.toThrow(/the rank 8/);
});
