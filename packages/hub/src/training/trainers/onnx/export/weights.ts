import { join } from "node:path";
import type { GgufHeader } from "../../../../model-files/gguf/format.ts";
import {
  constantTensors,
  decoderTensors,
  writeDecoderModel,
} from "../../../../model-files/gguf/decoder-model.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import { decodeQ8, encodeQ8, f16ToF32, f32ToF16 } from "../../../../model-files/gguf/quantise.ts";
import { writeGguf } from "../../../../model-files/gguf/write.ts";
import type { GgufEntry, GgufWriteType } from "../../../../model-files/gguf/write.ts";
import type { TokenizerFile } from "../../../../model-files/tokenizer/train.ts";
import type { TrainingProgram } from "../program.ts";
import type { Exported } from "../loop/prepared-run.ts";

const exported: Exported = { engineFile: "model.gguf", files: ["model.gguf"], kind: "full" };

/** Numbers of `general.file_type` (source: llama.cpp's llama_ftype). */
const fileTypes: Readonly<Record<GgufWriteType, number>> = { F32: 0, F16: 1, Q8_0: 7 };

/** A model that was trained from nothing, with its tokenizer and chat template. */
export async function exportNewModel(
  program: TrainingProgram,
  options: {
    folder: string;
    name: string;
    shape: DecoderShape;
    tokenizer: TokenizerFile;
    chatTemplate: string;
    type: GgufWriteType;
  },
): Promise<Exported> {
  const { shape, folder, type } = options;
  await writeDecoderModel(join(folder, exported.engineFile), {
    ...options,
    weights: new Map([...decoderTensors(shape).keys()].map((name) => [name, () => numbers(program, name)])),
  });
  await roundWeights(program, type);
  return exported;
}

/** A base whose every weight was trained: all metadata stays the base's own, but name and number type. */
export async function exportTunedModel(
  program: TrainingProgram,
  options: { folder: string; name: string; base: GgufHeader; shape: DecoderShape; type: GgufWriteType },
): Promise<Exported> {
  const { folder, name, base, shape, type } = options;
  const replaced = new Map<string, GgufEntry>([
    ["general.name", ["general.name", "string", name]],
    ["general.file_type", ["general.file_type", "u32", fileTypes[type]]],
  ]);
  const metadata: GgufEntry[] = [...base.metadata].map(
    ([key, entry]) => replaced.get(key) ?? [key, entry.type, entry.value],
  );
  for (const [key, entry] of replaced) if (!base.metadata.has(key)) metadata.push(entry);
  await writeGguf(join(folder, exported.engineFile), {
    metadata: metadata.filter(([key]) => key !== "general.alignment"),
    tensors: [
      ...constantTensors(shape),
      ...[...decoderTensors(shape)].map(([tensor, dimensions]) => ({
        name: tensor,
        shape: dimensions,
        type: dimensions.length === 1 ? ("F32" as const) : type,
        data: () => numbers(program, tensor),
      })),
    ],
  });
  await roundWeights(program, type);
  return exported;
}

async function* numbers(program: TrainingProgram, name: string): AsyncGenerator<Float32Array> {
  yield await program.read(name);
}

/** Gives the program the numbers that the file holds, so that its probes are those of the file. */
async function roundWeights(program: TrainingProgram, type: GgufWriteType): Promise<void> {
  if (type === "F32") return;
  const state = await program.saveState();
  for (const { name, shape } of program.trainable) {
    const values = state.get(name);
    if (values === undefined) throw new Error(`The program's state lacks its parameter ${name}.`);
    if (shape.length > 1)
      state.set(name, type === "F16" ? f16ToF32(f32ToF16(values)) : decodeQ8(encodeQ8(values)));
  }
  await program.loadState(state);
}
