import { join } from "node:path";
import { z } from "zod";
import { writeAtomically, writeFully } from "./atomic-file.ts";
import type { DecoderTraits } from "./gguf/decoder-shape.ts";
import type { LoraTensor } from "./gguf/lora-adapter.ts";
import { ModelFileInvalid, quoted } from "./invalid.ts";
import { openRegularFile, readExactly } from "./regular-file.ts";
import { readSafetensor, readSafetensorsHeader, writeSafetensors } from "./safetensors.ts";

/** Names of the adapted layers: GGUF's and those of the transformers library. */
const layerNames = [
  ["attn_q", "self_attn.q_proj"],
  ["attn_k", "self_attn.k_proj"],
  ["attn_v", "self_attn.v_proj"],
  ["attn_output", "self_attn.o_proj"],
  ["ffn_gate", "mlp.gate_proj"],
  ["ffn_up", "mlp.up_proj"],
  ["ffn_down", "mlp.down_proj"],
] as const;
const toPeft: ReadonlyMap<string, string> = new Map(layerNames);
const fromPeft: ReadonlyMap<string, string> = new Map(layerNames.map(([gguf, peft]) => [peft, gguf]));

const prefix = "base_model.model.model.layers";

export interface PeftAdapter {
  /** Linear layers by GGUF name; all of one rank. */
  tensors: readonly LoraTensor[];
  alpha: number;
  /** Attention heads of the base, for the order of rotary rows. */
  heads: number;
  kvHeads: number;
  /** Rotary order of the base's rows in GGUF; `interleaved` when absent. */
  rotation?: DecoderTraits["rotation"];
  /** What the adapter was trained on, for people and for `from_pretrained`. */
  baseModel: string;
  /** Kept in the weights file, for lineage. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes `adapter_model.safetensors` and `adapter_config.json` as the peft library reads them, into
 * an existing folder. Equal input, equal bytes. Gives the two paths.
 *
 * transformers keeps the rows of q and k in rotary halves (i, i + headDim/2), GGUF those of Llama's
 * kin in interleaved pairs (2i, 2i+1): the rows of their B matrices are put into the other order.
 *
 * Errors: {@link ModelFileInvalid} for mixed ranks or a tensor without a name there.
 */
export async function writePeftAdapter(
  folder: string,
  adapter: PeftAdapter,
): Promise<{ weights: string; config: string }> {
  const [first] = adapter.tensors;
  if (first === undefined) throw new ModelFileInvalid("An adapter without tensors cannot be written.");
  const modules = new Set<string>();
  const tensors = adapter.tensors.flatMap((tensor) => {
    if (tensor.rank !== first.rank) {
      throw new ModelFileInvalid(
        `All tensors of a PEFT adapter have one rank; found ${first.rank} and ${tensor.rank}.`,
      );
    }
    const { layer, linear, peft } = peftName(tensor.name);
    modules.add(peft.split(".")[1] ?? peft);
    const b = reordered(tensor, linear, adapter, toHalves);
    const name = `${prefix}.${layer}.${peft}`;
    return [
      {
        name: `${name}.lora_A.weight`,
        shape: [tensor.rank, tensor.in],
        type: "F32" as const,
        data: tensor.a,
      },
      { name: `${name}.lora_B.weight`, shape: [tensor.out, tensor.rank], type: "F32" as const, data: b },
    ];
  });
  const weights = join(folder, "adapter_model.safetensors");
  const config = join(folder, "adapter_config.json");
  await writeSafetensors(weights, { tensors, metadata: { format: "pt", ...adapter.metadata } });
  const content = configOf(adapter, first.rank, [...modules].toSorted());
  await writeAtomically(config, (file) =>
    writeFully(file, Buffer.from(`${JSON.stringify(content, null, 2)}\n`)),
  );
  return { weights, config };
}

function configOf(adapter: PeftAdapter, rank: number, modules: readonly string[]): Record<string, unknown> {
  return {
    base_model_name_or_path: adapter.baseModel,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: adapter.alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: "LORA",
    r: rank,
    target_modules: modules,
    task_type: "CAUSAL_LM",
    use_dora: false,
    use_rslora: false,
  };
}

function peftName(name: string): { layer: number; linear: string; peft: string } {
  const [, layer, linear = ""] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name) ?? [];
  const peft = toPeft.get(linear);
  if (layer === undefined || peft === undefined) {
    throw new ModelFileInvalid(`The adapter tensor ${quoted(name)} is not a linear layer of a block.`);
  }
  return { layer: Number(layer), linear, peft };
}

type RowOrder = (row: number, headDim: number) => number;

/** The interleaved row that stands at `row` when the order is in halves. */
const toHalves: RowOrder = (row, headDim) => {
  const half = headDim / 2;
  return row < half ? 2 * row : 2 * (row - half) + 1;
};

/** The row in halves that stands at `row` when the order is interleaved. */
const toInterleaved: RowOrder = (row, headDim) => (row >> 1) + (row % 2) * (headDim / 2);

function reordered(
  tensor: LoraTensor,
  linear: string,
  { heads, kvHeads, rotation }: Pick<PeftAdapter, "heads" | "kvHeads" | "rotation">,
  order: RowOrder,
): Float32Array {
  if (rotation === "halves" || (linear !== "attn_q" && linear !== "attn_k")) return tensor.b;
  const count = linear === "attn_q" ? heads : kvHeads;
  const headDim = tensor.out / count;
  if (!Number.isInteger(headDim / 2)) {
    throw new ModelFileInvalid(
      `The adapter of ${tensor.name} has ${tensor.out} rows for ${count} heads of an even size.`,
    );
  }
  const rows = new Float32Array(tensor.b.length);
  for (let row = 0; row < tensor.out; row++) {
    const head = Math.floor(row / headDim);
    const from = head * headDim + order(row % headDim, headDim);
    rows.set(tensor.b.subarray(from * tensor.rank, (from + 1) * tensor.rank), row * tensor.rank);
  }
  return rows;
}

/** GGUF's name of a layer that the transformers library and MLX call, for example, `self_attn.q_proj`. */
export function ggufLayerName(linear: string): string | undefined {
  return fromPeft.get(linear);
}

/**
 * The rows `[out, rank]` of `tensor.b` with those of queries and keys in interleaved rotary pairs, from halves.
 *
 * @param linear GGUF's name of the layer, such as `attn_q`
 * Errors: {@link ModelFileInvalid} when they do not divide into heads of an even size.
 */
export function interleavedRows(
  tensor: LoraTensor,
  linear: string,
  base: { heads: number; kvHeads: number },
): Float32Array {
  return reordered(tensor, linear, base, toInterleaved);
}

const configSchema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number(),
  use_rslora: z.literal(false).optional(),
  use_dora: z.literal(false).optional(),
  fan_in_fan_out: z.literal(false).optional(),
});

/**
 * Reads a PEFT adapter back into GGUF names and row order.
 * Errors: {@link ModelFileInvalid} for other kinds of adapters or tensors that do not fit.
 */
export async function readPeftAdapter(
  folder: string,
  base: Pick<PeftAdapter, "heads" | "kvHeads" | "rotation">,
): Promise<{ tensors: LoraTensor[]; alpha: number }> {
  const config = configSchema.safeParse(await readConfig(join(folder, "adapter_config.json")));
  if (!config.success) {
    throw new ModelFileInvalid(
      `adapter_config.json is not that of a plain LoRA: ${z.prettifyError(config.error)}.`,
    );
  }
  const header = await readSafetensorsHeader(join(folder, "adapter_model.safetensors"));
  const tensors: LoraTensor[] = [];
  for (const [name, { shape }] of header.tensors) {
    const [, layer, peft = "", part] = /\.layers\.(\d+)\.(\w+\.\w+)\.lora_([AB])\.weight$/.exec(name) ?? [];
    const linear = fromPeft.get(peft);
    if (linear === undefined)
      throw new ModelFileInvalid(`The adapter tensor ${quoted(name)} is not a linear layer of a block.`);
    if (part === "B") continue;
    const otherName = name.replace(/lora_A\.weight$/, "lora_B.weight");
    const [rank = 0, inputs = 0] = shape;
    const [out = 0, otherRank] = header.tensors.get(otherName)?.shape ?? [];
    if (rank !== config.data.r || otherRank !== rank) {
      throw new ModelFileInvalid(
        `The adapter tensor ${quoted(name)} does not have the rank ${config.data.r} of the configuration.`,
      );
    }
    const tensor: LoraTensor = {
      name: `blk.${layer}.${linear}.weight`,
      a: await readSafetensor(header, name),
      b: await readSafetensor(header, otherName),
      rank,
      in: inputs,
      out,
    };
    tensors.push({ ...tensor, b: interleavedRows(tensor, linear, base) });
  }
  if (tensors.length * 2 !== header.tensors.size) {
    throw new ModelFileInvalid(
      `A PEFT adapter consists of pairs lora_A and lora_B; found ${header.tensors.size} tensors with ${tensors.length} pairs.`,
    );
  }
  return { tensors, alpha: config.data.lora_alpha };
}

async function readConfig(path: string): Promise<unknown> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > 2 ** 20)
      throw new ModelFileInvalid(`adapter_config.json has ${size} bytes; at most 1 MB is allowed.`);
    return JSON.parse(new TextDecoder().decode(await readExactly(file, 0, size)));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ModelFileInvalid("adapter_config.json is not JSON.", { cause: error });
    throw error;
  } finally {
    await file.close();
  }
}
