import { join } from "node:path";
import { writeLoraGguf } from "../../../../model-files/gguf/lora-adapter.ts";
import type { LoraTensor } from "../../../../model-files/gguf/lora-adapter.ts";
import { writePeftAdapter } from "../../../../model-files/peft-adapter.ts";
import { traitsOf } from "../../../../model-files/gguf/decoder-shape.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-shape.ts";
import type { TrainingProgram } from "../program.ts";
import type { Exported } from "../loop/prepared-run.ts";

export interface AdapterOptions {
  folder: string;
  shape: DecoderShape;
  rank: number;
  alpha: number;
  /** Name of the base in PEFT's configuration. */
  baseName: string;
}

/**
 * Writes the trained adapter as GGUF for the engine and in PEFT's form. Both in F32: the engine then
 * computes with the very numbers that were trained, and an adapter is small beside its base.
 */
export async function exportAdapter(program: TrainingProgram, options: AdapterOptions): Promise<Exported> {
  const { folder, rank, alpha, shape, baseName } = options;
  const tensors = await adapterTensors(program, rank);
  const { architecture, rotation } = traitsOf(shape);
  await writeLoraGguf(join(folder, "adapter.gguf"), { architecture, alpha, tensors, type: "F32" });
  await writePeftAdapter(folder, {
    tensors,
    alpha,
    heads: shape.heads,
    kvHeads: shape.kvHeads,
    rotation,
    baseModel: baseName,
  });
  return {
    engineFile: "adapter.gguf",
    files: ["adapter.gguf", "adapter_model.safetensors", "adapter_config.json"],
    kind: "adapter",
  };
}

/** Pairs the program's `….lora_a` `[rank, in]` with its `….lora_b` `[out, rank]`. */
async function adapterTensors(program: TrainingProgram, rank: number): Promise<LoraTensor[]> {
  const shapes = new Map(program.trainable.map(({ name, shape }) => [name, shape]));
  const tensors: LoraTensor[] = [];
  for (const [name, shape] of shapes) {
    if (!name.endsWith(".lora_a")) continue;
    const base = name.slice(0, -".lora_a".length);
    const other = `${base}.lora_b`;
    const inputs = shape[1];
    const out = shapes.get(other)?.[0];
    if (inputs === undefined || out === undefined) {
      throw new Error(`The program's ${name} of shape [${shape.join(", ")}] has no fitting ${other}.`);
    }
    const [a, b] = [await program.read(name), await program.read(other)];
    tensors.push({ name: base, a, b, rank, in: inputs, out });
  }
  return tensors;
}
