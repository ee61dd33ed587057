import { stat } from "node:fs/promises";
import { join } from "node:path";
import { LlamaEngine } from "../../../inference/engines/llama/engine.ts";
import { trainerContract } from "../trainer-contract.ts";
import { writeTinyBase } from "./testing/tiny-base.ts";

trainerContract("onnx", async (folder) => {
  const path = await writeTinyBase(join(folder, "base.gguf"), "Q8_0");
  const { size } = await stat(path);
  return {
    launch: { module: new URL("child.ts", import.meta.url) },
    diverging: (args) =>
      Promise.resolve({ module: new URL("testing/diverging-child.ts", import.meta.url), args }),
    base: { basePath: path, baseSha256: "0".repeat(64), bytes: size, shape: null },
    spoiltBase: await writeTinyBase(join(folder, "spoilt.gguf"), "F32", "blk.1.ffn_up.weight"),
    createEngine: () => new LlamaEngine({ threads: 1, logFile: join(folder, "engine.log") }),
  };
});
