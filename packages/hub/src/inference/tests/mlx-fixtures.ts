import { copyFile, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DecoderShape } from "../../model-files/gguf/decoder-shape.ts";
import type { AdapterFile, ModelFiles } from "../engine.ts";
import { tinyShape, unknownFiles, wideShape, type TestFolder } from "./model-fixtures.ts";
import { writeMlxAdapter, writeMlxModel } from "./mlx-models.ts";

/** A model folder as the registry would hand it over; the path stands in for the checksum. */
export async function mlxFiles(path: string, shape: DecoderShape): Promise<ModelFiles> {
  let bytes = 0;
  for (const name of await readdir(path)) bytes += (await stat(join(path, name))).size;
  return {
    basePath: path,
    baseSha256: path,
    bytes,
    shape: {
      layers: shape.layers,
      embedding: shape.dim,
      vocabulary: shape.vocabulary,
      context: shape.context,
      cacheElementsPerToken: 2 * shape.layers * shape.kvHeads * shape.headDim,
    },
  };
}

export async function tinyMlxModel(path: string): Promise<ModelFiles> {
  await writeMlxModel(path, tinyShape, 1);
  return mlxFiles(path, tinyShape);
}

export async function wideMlxModel(path: string): Promise<ModelFiles> {
  await writeMlxModel(path, wideShape, 3);
  return mlxFiles(path, wideShape);
}

export async function mlxAdapter(path: string, shape: DecoderShape, seed: number): Promise<AdapterFile> {
  await writeMlxAdapter(path, shape, seed);
  return { path, sha256: `adapter-${seed}` };
}

/** Damaged and hostile copies of a good model's folder, by what is wrong with them. */
export async function badMlxModels(folder: TestFolder, good: string): Promise<Map<string, ModelFiles>> {
  const bad = new Map<string, ModelFiles>();
  const copy = async (what: string, change: (path: string) => Promise<void>): Promise<void> => {
    const path = folder.file(`bad-mlx-${bad.size}`);
    await mkdir(path);
    for (const name of await readdir(good)) await copyFile(join(good, name), join(path, name));
    await change(path);
    bad.set(what, unknownFiles(path));
  };
  const config = async (path: string, change: Record<string, unknown>): Promise<void> => {
    const file = join(path, "config.json");
    const content: unknown = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...(content as object), ...change }));
  };
  await copy("weights cut in half", (path) => truncate(join(path, "model.safetensors"), 100_000));
  await copy("a config that is no JSON", (path) => writeFile(join(path, "config.json"), "{"));
  await copy("another width than the weights have", (path) => config(path, { hidden_size: 128 }));
  await copy("code of its own", (path) => config(path, { model_file: "evil.py" }));
  await copy("a kind of model that nobody knows", (path) => config(path, { model_type: "../../etc" }));
  await copy("a tokenizer that is none", (path) => writeFile(join(path, "tokenizer.json"), "[]"));
  bad.set("missing", unknownFiles(folder.file("missing-mlx")));
  return bad;
}
