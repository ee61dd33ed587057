import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { LoraTensor } from "./gguf/lora-adapter.ts";
import { readPeftAdapter, writePeftAdapter } from "./peft-adapter.ts";
import { readSafetensor, readSafetensorsHeader } from "./safetensors.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

const heads = 4;
const kvHeads = 2;
const headDim = 8;
const dim = heads * headDim;

function sample(linear: string, inputs: number, out: number): LoraTensor {
  const rank = 2;
  const number = (index: number): number => Math.sin(index * 12.9898 + out);
  return {
    name: `blk.1.${linear}.weight`,
    a: Float32Array.from({ length: rank * inputs }, (_, index) => number(index)),
    b: Float32Array.from({ length: out * rank }, (_, index) => number(index + 1000)),
    rank,
    in: inputs,
    out,
  };
}

const query = sample("attn_q", dim, dim);
const key = sample("attn_k", dim, kvHeads * headDim);
const all = [
  query,
  key,
  sample("attn_v", dim, kvHeads * headDim),
  sample("attn_output", dim, dim),
  sample("ffn_gate", dim, 48),
  sample("ffn_up", dim, 48),
  sample("ffn_down", 48, dim),
];
const adapter = { tensors: all, alpha: 16, heads, kvHeads, baseModel: "ember" };

/** B · A · x: what the adapter adds to the layer's output. */
function apply(a: Float32Array, b: Float32Array, rank: number, x: Float32Array): Float32Array {
  const inner = Array.from({ length: rank }, (_, r) =>
    x.reduce((sum, value, i) => sum + value * (a[r * x.length + i] ?? 0), 0),
  );
  return Float32Array.from({ length: b.length / rank }, (_, out) =>
    inner.reduce((sum, value, r) => sum + value * (b[out * rank + r] ?? 0), 0),
  );
}

/** Turns the pairs of one head by the position; `partner` says which two numbers form pair i. */
function rotate(
  head: Float32Array,
  position: number,
  partner: (i: number) => [number, number],
): Float32Array {
  const rotated = new Float32Array(head.length);
  for (let i = 0; i < head.length / 2; i++) {
    const angle = position / 10_000 ** ((2 * i) / head.length);
    const [first, second] = partner(i);
    const x = head[first] ?? 0;
    const y = head[second] ?? 0;
    rotated[first] = x * Math.cos(angle) - y * Math.sin(angle);
    rotated[second] = x * Math.sin(angle) + y * Math.cos(angle);
  }
  return rotated;
}

function score(q: Float32Array, k: Float32Array, partner: (i: number) => [number, number]): number {
  const left = rotate(q.subarray(headDim, 2 * headDim), 9, partner);
  const right = rotate(k.subarray(0, headDim), 4, partner);
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? 0), 0);
}

describe("PEFT adapters", () => {
  test("come back in GGUF names and order", async () => {
    await using folder = await temporaryFolder();
    await writePeftAdapter(folder.path, adapter);
    const read = await readPeftAdapter(folder.path, { heads, kvHeads });
    const byName = (a: LoraTensor, b: LoraTensor): number => (a.name < b.name ? -1 : 1);
    expect(read.alpha).toBe(16);
    expect(read.tensors.toSorted(byName)).toEqual(all.toSorted(byName));
  });

  test("carry the names that the peft library looks for", async () => {
    await using folder = await temporaryFolder();
    const { weights, config } = await writePeftAdapter(folder.path, adapter);
    const header = await readSafetensorsHeader(weights);
    expect(header.tensors.size).toBe(14);
    const layer = "base_model.model.model.layers.1";
    expect(header.tensors.get(`${layer}.self_attn.q_proj.lora_A.weight`)?.shape).toEqual([2, dim]);
    expect(header.tensors.get(`${layer}.self_attn.k_proj.lora_B.weight`)?.shape).toEqual([
      kvHeads * headDim,
      2,
    ]);
    expect(header.tensors.get(`${layer}.mlp.down_proj.lora_A.weight`)?.shape).toEqual([2, 48]);
    expect(JSON.parse(await readFile(config, "utf8"))).toMatchObject({
      peft_type: "LORA",
      task_type: "CAUSAL_LM",
      r: 2,
      lora_alpha: 16,
      base_model_name_or_path: "ember",
      target_modules: ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"],
    });
  });

  test("give the same attention scores under the other order of rotary pairs", async () => {
    await using folder = await temporaryFolder();
    const { weights } = await writePeftAdapter(folder.path, adapter);
    const header = await readSafetensorsHeader(weights);
    const read = (name: string): Promise<Float32Array> =>
      readSafetensor(header, `base_model.model.model.layers.1.self_attn.${name}.weight`);
    const x = Float32Array.from({ length: dim }, (_, index) => Math.cos(index));
    const interleaved = score(apply(query.a, query.b, 2, x), apply(key.a, key.b, 2, x), (i) => [
      2 * i,
      2 * i + 1,
    ]);
    const halves = score(
      apply(await read("q_proj.lora_A"), await read("q_proj.lora_B"), 2, x),
      apply(await read("k_proj.lora_A"), await read("k_proj.lora_B"), 2, x),
      (i) => [i, i + headDim / 2],
    );
    expect(Math.abs(interleaved)).toBeGreaterThan(0.01);
    expect(halves).toBeCloseTo(interleaved, 4);
  });

  test("are the same bytes each time", async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    const first = await writePeftAdapter(one.path, adapter);
    const second = await writePeftAdapter(two.path, { ...adapter, tensors: all.toReversed() });
    expect((await readFile(first.weights)).equals(await readFile(second.weights))).toBe(true);
    expect(await readFile(first.config, "utf8")).toBe(await readFile(second.config, "utf8"));
  });

  test("of mixed ranks or unknown layers are refused", async () => {
    await using folder = await temporaryFolder();
    const other = { ...query, rank: 1, a: query.a.slice(0, dim), b: query.b.slice(0, dim) };
    await expect(writePeftAdapter(folder.path, { ...adapter, tensors: [key, other] })).rejects.toThrow(
      /one rank; found 2 and 1/,
    );
    const unknown = { ...query, name: "blk.0.ssm_in.weight" };
    await expect(writePeftAdapter(folder.path, { ...adapter, tensors: [unknown] })).rejects.toThrow(/ssm_in/);
    await expect(writePeftAdapter(folder.path, { ...adapter, tensors: [] })).rejects.toThrow(
      /without tensors/,
    );
  });

  test.each<[string, unknown, RegExp]>([
    ["another method", { peft_type: "IA3", r: 2, lora_alpha: 1 }, /not that of a plain LoRA/],
    [
      "another scale",
      { peft_type: "LORA", r: 2, lora_alpha: 1, use_rslora: true },
      /not that of a plain LoRA/,
    ],
    ["another rank", { peft_type: "LORA", r: 8, lora_alpha: 1 }, /does not have the rank 8/],
  ])("with a configuration of %s are refused", async (_, config, message) => {
    await using folder = await temporaryFolder();
    const written = await writePeftAdapter(folder.path, adapter);
    await writeFile(written.config, JSON.stringify(config));
    await expect(readPeftAdapter(folder.path, { heads, kvHeads })).rejects.toThrow(message);
  });
});
