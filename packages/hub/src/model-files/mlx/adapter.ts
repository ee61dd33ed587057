import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { LoraAdapter, LoraTensor } from "../gguf/lora-adapter.ts";
import { ModelFileInvalid, quoted } from "../invalid.ts";
import { ggufLayerName, interleavedRows } from "../peft-adapter.ts";
import { readSafetensor, readSafetensorsHeader } from "../safetensors.ts";
import { parseObject } from "./config.ts";

const adapterConfig = z.looseObject({
  fine_tune_type: z.literal("lora").optional(),
  lora_parameters: z.looseObject({ rank: z.int().positive(), scale: z.number() }),
});

const baseConfig = z.looseObject({
  model_type: z.string(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().nullish(),
  rope_traditional: z.boolean().nullish(),
});

/**
 * Architectures of GGUF by the model types of MLX, and whether GGUF keeps the rows of their queries and keys in
 * interleaved rotary pairs, where MLX has halves (llama.cpp's `convert_hf_to_gguf.py`).
 */
const architectures: Readonly<Record<string, { name: string; interleaved: boolean }>> = {
  llama: { name: "llama", interleaved: true },
  mistral: { name: "llama", interleaved: true },
  qwen2: { name: "qwen2", interleaved: false },
  qwen3: { name: "qwen3", interleaved: false },
  gemma: { name: "gemma", interleaved: false },
};

/**
 * Reads the adapter that mlx-lm wrote into a folder as one for the same base in GGUF: x·A·B of mlx-lm is B·A of
 * GGUF, each matrix transposed, and its scale is alpha/rank.
 *
 * @param base the folder of the base in MLX's format
 * Errors: {@link ModelFileInvalid} for another kind of adapter, layers that GGUF has other names for, and
 * architectures whose order of rows is not known here.
 */
export async function readMlxAdapter(folder: string, base: string): Promise<LoraAdapter> {
  const config = adapterConfig.safeParse(await readJson(folder, "adapter_config.json"));
  if (!config.success)
    throw new ModelFileInvalid(
      `adapter_config.json is not that of a plain LoRA: ${z.prettifyError(config.error)}.`,
    );
  const described = baseConfig.safeParse(await readJson(base, "config.json"));
  if (!described.success)
    throw new ModelFileInvalid(
      `The base's config.json does not tell its heads: ${z.prettifyError(described.error)}.`,
    );
  const {
    model_type: type,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    rope_traditional,
  } = described.data;
  const architecture = architectures[type];
  if (architecture === undefined)
    throw new ModelFileInvalid(
      `Adapters of the architecture ${quoted(type)} are not written as GGUF; known are ${Object.keys(architectures).join(", ")}.`,
    );
  const { rank, scale } = config.data.lora_parameters;
  const inHalves = architecture.interleaved && rope_traditional !== true;
  const header = await readSafetensorsHeader(join(folder, "adapters.safetensors"));
  const tensors: LoraTensor[] = [];
  for (const [name, { shape }] of header.tensors) {
    const [, layer, linear = "", part] = /^model\.layers\.(\d+)\.(\w+\.\w+)\.lora_([ab])$/.exec(name) ?? [];
    const gguf = ggufLayerName(linear);
    if (layer === undefined || gguf === undefined)
      throw new ModelFileInvalid(
        `The adapter tensor ${quoted(name)} is of no layer that GGUF has by this name.`,
      );
    if (part === "b") continue;
    const other = name.replace(/a$/, "b");
    const [inputs = 0, ownRank] = shape;
    const [otherRank, out = 0] = header.tensors.get(other)?.shape ?? [];
    if (ownRank !== rank || otherRank !== rank)
      throw new ModelFileInvalid(
        `The adapter tensor ${quoted(name)} has not the rank ${rank} of its configuration.`,
      );
    const tensor: LoraTensor = {
      name: `blk.${layer}.${gguf}.weight`,
      a: transposed(await readSafetensor(header, name), inputs, rank),
      b: transposed(await readSafetensor(header, other), rank, out),
      rank,
      in: inputs,
      out,
    };
    const rows = inHalves ? interleavedRows(tensor, gguf, { heads, kvHeads: kvHeads ?? heads }) : tensor.b;
    tensors.push({ ...tensor, b: rows });
  }
  if (tensors.length * 2 !== header.tensors.size)
    throw new ModelFileInvalid(
      `An adapter consists of pairs lora_a and lora_b; found ${header.tensors.size} tensors with ${tensors.length} pairs.`,
    );
  tensors.sort((one, two) => one.name.localeCompare(two.name, "en", { numeric: true }));
  return { architecture: architecture.name, alpha: scale * rank, tensors };
}

/** `[rows, columns]` to `[columns, rows]`, both row-major. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = values[row * columns + column] ?? 0;
  return result;
}

async function readJson(folder: string, name: string): Promise<Record<string, unknown>> {
  return parseObject(name, await readFile(join(folder, name), "utf8"));
}
