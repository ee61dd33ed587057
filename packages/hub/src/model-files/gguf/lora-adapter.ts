import { ModelFileInvalid, quoted } from "../invalid.ts";
import { readGgufHeader, readTensor } from "./read.ts";
import { writeGguf } from "./write.ts";
import type { GgufEntry } from "./write.ts";

/** One adapted matrix: `W' = W + (alpha / rank) · B · A`. */
export interface LoraTensor {
  /** GGUF name of the adapted weight, such as `blk.0.attn_q.weight`. */
  name: string;
  /** `[rank, in]`, row-major. */
  a: Float32Array;
  /** `[out, rank]`, row-major. */
  b: Float32Array;
  rank: number;
  in: number;
  out: number;
}

export interface LoraAdapter {
  /** Architecture of the base, such as `llama`. */
  architecture: string;
  alpha: number;
  tensors: LoraTensor[];
}

/**
 * Writes an adapter that llama.cpp applies on top of its base. Equal input, equal bytes.
 * Errors: {@link ModelFileInvalid} when a tensor's numbers do not match its sizes.
 */
export async function writeLoraGguf(
  path: string,
  adapter: LoraAdapter & { type: "F32" | "F16"; extraMetadata?: readonly GgufEntry[] },
): Promise<void> {
  for (const tensor of adapter.tensors) requireSizes(tensor);
  await writeGguf(path, {
    metadata: [
      ["general.architecture", "string", adapter.architecture],
      ["general.type", "string", "adapter"],
      ["adapter.type", "string", "lora"],
      ["adapter.lora.alpha", "f32", adapter.alpha],
      ...(adapter.extraMetadata ?? []),
    ],
    tensors: adapter.tensors.flatMap((tensor) => [
      { name: `${tensor.name}.lora_a`, shape: [tensor.rank, tensor.in], type: adapter.type, data: tensor.a },
      { name: `${tensor.name}.lora_b`, shape: [tensor.out, tensor.rank], type: adapter.type, data: tensor.b },
    ]),
  });
}

function requireSizes({ name, a, b, rank, in: inputs, out }: LoraTensor): void {
  if (a.length !== rank * inputs || b.length !== out * rank) {
    throw new ModelFileInvalid(
      `The adapter of ${name} needs ${rank * inputs} and ${out * rank} numbers (rank ${rank}, in ${inputs}, out ${out}); found ${a.length} and ${b.length}.`,
    );
  }
}

/**
 * Reads an adapter with its numbers as 32-bit floats.
 * Errors: {@link ModelFileInvalid} for another kind of file, half a pair, or ranks that disagree.
 */
export async function readLoraGguf(path: string): Promise<LoraAdapter> {
  const header = await readGgufHeader(path);
  const { metadata } = header;
  const kind = metadata.optionalString("general.type") ?? "model";
  if (kind !== "adapter") throw new ModelFileInvalid(`This file holds ${quoted(kind)}, not an adapter.`);
  const adapterType = metadata.string("adapter.type");
  if (adapterType !== "lora") {
    throw new ModelFileInvalid(`Only LoRA adapters are supported; this one is ${quoted(adapterType)}.`);
  }
  const alpha = metadata.number("adapter.lora.alpha");
  if (!Number.isFinite(alpha)) throw new ModelFileInvalid(`adapter.lora.alpha is ${alpha}.`);
  const tensors: LoraTensor[] = [];
  let paired = 0;
  for (const [name, { shape }] of header.tensors) {
    if (!name.endsWith(".lora_a")) continue;
    const base = name.slice(0, -".lora_a".length);
    const other = header.tensors.get(`${base}.lora_b`);
    const [rank, inputs] = shape;
    const [out, otherRank] = other?.shape ?? [];
    const isPair = shape.length === 2 && other?.shape.length === 2 && rank === otherRank;
    if (!isPair || rank === undefined || inputs === undefined || out === undefined) {
      throw new ModelFileInvalid(
        `The adapter of ${quoted(base)} is not a pair of matrices of one rank: [${shape.join(", ")}] and [${other?.shape.join(", ") ?? "missing"}].`,
      );
    }
    const a = await readTensor(header, name);
    const b = await readTensor(header, `${base}.lora_b`);
    tensors.push({ name: base, a, b, rank, in: inputs, out });
    paired += 2;
  }
  if (paired !== header.tensors.size || paired === 0) {
    throw new ModelFileInvalid(
      `An adapter consists of pairs named .lora_a and .lora_b; ${header.tensors.size - paired} of its ${header.tensors.size} tensors are something else.`,
    );
  }
  return { architecture: metadata.string("general.architecture"), alpha, tensors };
}
