import { createRequire } from "node:module";
import { readableTypes } from "../../../model-files/gguf/read.ts";
import { isTrainableArchitecture } from "../../../model-files/gguf/trainability.ts";
import { typesOf } from "../../base-figures.ts";
import { estimateRequirements } from "../../requirements.ts";
import type { Trainer } from "../trainer.ts";
import { trainerEnvironment } from "./process-environment.ts";

/** The embedded trainer: runs wherever the hub does. `module` is another process that speaks as it does; for tests. */
export function onnxTrainer(module: URL = new URL("./child.ts", import.meta.url)): Trainer {
  return {
    name: "onnx",
    title: "ONNX Runtime, embedded",
    formats: ["gguf"],
    recipes: ["lora", "full", "pretrain"],
    availability: () => ({ available: true, found: `ONNX Runtime ${runtimeVersion()}` }),
    problemWith({ architecture, untrainable, weightTypes }) {
      const unread = [...typesOf(weightTypes).keys()].find((type) => !readableTypes.includes(type));
      if (unread !== undefined)
        return `it does not read tensors stored as ${unread}, only ${readableTypes.join(", ")}`;
      if (typeof untrainable === "string") return untrainable;
      // What a file does not tell, its reader will.
      if (architecture === undefined || isTrainableArchitecture(architecture)) return null;
      return `it does not train the architecture '${String(architecture)}'`;
    },
    check: () => undefined,
    recomputes: true,
    requirements: (base, parameters) => estimateRequirements(base, parameters),
    launch: () => ({ module, env: trainerEnvironment }),
  };
}

function runtimeVersion(): string {
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  return version;
}
