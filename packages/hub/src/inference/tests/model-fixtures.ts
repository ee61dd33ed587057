import { copyFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRandomModel, presets } from "../../../../../bench/models/random-model.ts";
import { decoderTensors } from "../../model-files/gguf/decoder-shape.ts";
import type { DecoderShape } from "../../model-files/gguf/decoder-shape.ts";
import { writeLoraGguf } from "../../model-files/gguf/lora-adapter.ts";
import { readGgufHeader } from "../../model-files/gguf/read.ts";
import { validateModel } from "../../model-files/gguf/validate.ts";
import type { AdapterFile, ModelFiles } from "../engine.ts";
import { shapeOf } from "../estimate.ts";

/** A folder that is removed when the test is over. */
export class TestFolder implements AsyncDisposable {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<TestFolder> {
    return new TestFolder(await mkdtemp(join(tmpdir(), "hearth-inference-")));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Small, with an output layer of its own: where it is shared, random weights repeat one token for ever. */
export const tinyShape: DecoderShape = { ...presets.tiny, tied: false };

/** Large enough that a second copy of its weights (27 MB) would show beside a context. */
export const wideShape: DecoderShape = {
  ...tinyShape,
  dim: 256,
  layers: 6,
  heads: 4,
  kvHeads: 1,
  headDim: 64,
  ffn: 1024,
};

/** Matrices large enough for every way that llama.cpp has of multiplying them. */
export const middleShape: DecoderShape = {
  ...tinyShape,
  vocabulary: 4096,
  dim: 256,
  layers: 4,
  headDim: 64,
  ffn: 768,
  context: 1024,
};

export async function middleModel(path: string, type: "F32" | "F16" | "Q8_0"): Promise<ModelFiles> {
  await makeRandomModel(path, { preset: middleShape, type, seed: 2 });
  return modelFiles(path);
}

export async function tinyModel(
  path: string,
  seed = 1,
  type: "F32" | "F16" | "Q8_0" = "Q8_0",
): Promise<ModelFiles> {
  await makeRandomModel(path, { preset: tinyShape, type, seed });
  return modelFiles(path);
}

/** With a context that prompts with tools fit into. */
export async function roomyModel(path: string): Promise<ModelFiles> {
  await makeRandomModel(path, { preset: { ...tinyShape, context: 2048 }, type: "Q8_0", seed: 4 });
  return modelFiles(path);
}

export async function wideModel(path: string): Promise<ModelFiles> {
  await makeRandomModel(path, { preset: wideShape, type: "F32", seed: 3 });
  return modelFiles(path);
}

/** The files of a model as the registry would hand them over; the path stands in for the checksum. */
export async function modelFiles(path: string): Promise<ModelFiles> {
  const shape = shapeOf(validateModel(await readGgufHeader(path)));
  return { basePath: path, baseSha256: path, bytes: (await stat(path)).size, shape };
}

/** For files that are no models, or not any more. */
export function unknownFiles(path: string): ModelFiles {
  return { basePath: path, baseSha256: path, bytes: 1_000_000, shape: null };
}

/** An adapter of the query and value layers, strong enough to change what is likeliest. */
export async function adapterFor(path: string, shape: DecoderShape, seed: number): Promise<AdapterFile> {
  const rank = 4;
  let state = seed;
  const number = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, number);
  const tensors = [...decoderTensors(shape)]
    .filter(([name]) => /attn_(q|v)\.weight$/.test(name))
    .map(([name, [out = 0, inputs = 0]]) => ({
      name,
      a: numbers(rank * inputs),
      b: numbers(out * rank),
      rank,
      in: inputs,
      out,
    }));
  await writeLoraGguf(path, { architecture: "llama", alpha: 8, tensors, type: "F32" });
  return { path, sha256: `adapter-${seed}` };
}

/** Writes over the 4 bytes of a number in the header, found by its key. */
async function patchNumber(path: string, key: string, value: Buffer): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.indexOf(key);
  if (at < 0) throw new Error(`${path} has no ${key}`);
  await using file = await open(path, "r+");
  await file.write(value, 0, value.length, at + key.length + 4);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

/** Damaged and hostile copies of a good model, by what is wrong with them. */
export async function badModels(folder: TestFolder, good: string): Promise<Map<string, string>> {
  const bad = new Map<string, string>();
  const copy = async (what: string, change: (path: string) => Promise<void>): Promise<void> => {
    const path = folder.file(`bad-${bad.size}.gguf`);
    await copyFile(good, path);
    await change(path);
    bad.set(what, path);
  };
  const { size } = await stat(good);
  await copy("cut in half", (path) => truncate(path, size >> 1));
  await copy("cut in the header", (path) => truncate(path, 100));
  await copy("empty", (path) => truncate(path, 0));
  await copy("not GGUF", (path) => writeFile(path, "this is no model, ".repeat(100)));
  await copy("no heads", (path) => patchNumber(path, "llama.attention.head_count", u32(0)));
  await copy("a thousand million layers", (path) => patchNumber(path, "llama.block_count", u32(1e9)));
  await copy("an odd rotary size", (path) => patchNumber(path, "llama.rope.dimension_count", u32(7)));
  await copy("a negative epsilon", (path) =>
    patchNumber(path, "llama.attention.layer_norm_rms_epsilon", f32(-1)),
  );
  bad.set("missing", folder.file("missing.gguf"));
  bad.set("a folder", folder.path);
  return bad;
}
