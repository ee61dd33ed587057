/**
 * One measured fine-tuning of the starter model in a process of its own: `{train, validation, packing, epochs, threads}`
 * as JSON on stdin, one JSON line on stdout.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { trainingParameters } from "@hearth/wire/hub/training";
import { z } from "zod";
import { hashFile } from "../packages/hub/src/artifacts/fs/hash.ts";
import { runTraining } from "../packages/hub/src/training/trainers/onnx/run-training.ts";

const spec = z
  .object({
    train: z.string(),
    validation: z.string().nullable(),
    packing: z.boolean(),
    epochs: z.number(),
    threads: z.int(),
  })
  .parse(JSON.parse(await text(process.stdin)));

const base = fileURLToPath(new URL("../models/ember/ember.gguf", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "hearth-packing-"));
let lines = "";
/** Processor seconds when the steps began and when they were done. */
let [began, ended] = [NaN, NaN];
const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
try {
  const { packing, epochs, threads } = spec;
  const result = await runTraining(
    {
      parameters: trainingParameters.parse({ epochs, packing, sample_steps: 0, seed: 7 }),
      base: { path: base, sha256: await hashFile(base) },
      dataset: { format: "chat", train: spec.train, validation: spec.validation },
      modelName: "bench",
    },
    { folder, threads, memoryLimitBytes: 2 ** 33 },
    {
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.type === "log") lines += `${event.line}\n`;
        if (event.type !== "progress") return;
        if (event.progress.phase === "training" && Number.isNaN(began)) began = processorSeconds();
        if (event.progress.phase === "exporting" && Number.isNaN(ended)) ended = processorSeconds();
      },
    },
  );
  console.log(JSON.stringify({ ...result.metrics, cpuSeconds: ended - began, log: lines }));
} finally {
  await rm(folder, { recursive: true });
}
