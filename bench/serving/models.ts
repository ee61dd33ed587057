import { access, mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModelFiles } from "../../packages/hub/src/inference/engine.ts";
import { makeRandomModel, presets } from "../models/random-model.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** Random models take long to write, so they stay in the checkout's cache. */
async function keptModel(name: string, preset: "0.5b" | "small"): Promise<ModelFiles> {
  const folder = join(checkout, ".cache", "bench");
  const path = join(folder, name);
  try {
    await access(path);
  } catch {
    await mkdir(folder, { recursive: true });
    const shape =
      preset === "0.5b"
        ? presets["0.5b"]
        : { ...presets.tiny, vocabulary: 512, dim: 192, layers: 7, heads: 6, headDim: 32, ffn: 512 };
    await makeRandomModel(`${path}.new`, { preset: shape, type: "Q8_0", seed: 1 });
    await rename(`${path}.new`, path);
  }
  return { basePath: path, baseSha256: name, bytes: (await stat(path)).size, shape: null };
}

/** 386 million random weights in Q8_0: the size of the smallest models that people use. */
export const largeModel = (): Promise<ModelFiles> => keptModel("random-0.5b-q8_0.gguf", "0.5b");
/** 3 million: what takes long with it is not the model. */
export const smallModel = (): Promise<ModelFiles> => keptModel("random-small-q8_0.gguf", "small");
