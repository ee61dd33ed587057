import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HearthClient } from "@hearth/sdk";
import { makeRandomModel, presets } from "../models/random-model.ts";

/** `small` has 7 million parameters: a step takes a fraction of a second, as one of the models that people train here. */
const shapes = {
  tiny: presets.tiny,
  small: { ...presets.tiny, vocabulary: 4096, dim: 256, layers: 6, headDim: 64, ffn: 768 },
} as const;

const rows = 64;
const words = 24;

/** Registers a base of random weights and rows to learn; gives a job's request without its length. */
export async function trainable(client: HearthClient, folder: string, preset: keyof typeof shapes) {
  const path = join(folder, `${preset}.gguf`);
  await makeRandomModel(path, { preset: shapes[preset], type: "F16", seed: 1 });
  await client.models.create({ name: "base", task_type: "chat", path });
  await client.models.create({ name: "tuned", base_model: "base" });
  const data = join(folder, `rows-${preset}`);
  await mkdir(data, { recursive: true });
  const row = (index: number): string =>
    JSON.stringify({
      messages: [
        { role: "user", content: `${index}: ${"what is it ".repeat(words / 4)}` },
        { role: "assistant", content: index % 2 === 0 ? "a work mail" : "a private mail" },
      ],
    });
  await writeFile(
    join(data, "train.jsonl"),
    Array.from({ length: rows }, (_, index) => `${row(index)}\n`).join(""),
  );
  await client.datasets.create({ name: "rows", path: data });
  return {
    model_id: "tuned",
    dataset_id: "rows",
    lora_rank: 8,
    batch_size: 16,
    sample_steps: 0,
    seed: 1,
  };
}
