import { join } from "node:path";
import type { AdapterFile } from "../../packages/hub/src/inference/engine.ts";
import { adapterFor, modelFiles } from "../../packages/hub/src/inference/tests/model-fixtures.ts";
import { makeRandomModel, presets } from "../models/random-model.ts";
import { median } from "../report.ts";
import { residentBytes } from "../resident-memory.ts";
import type { ServingBench } from "./bench.ts";
import { never, newEngine, request } from "./engine.ts";
import { limited } from "./rows.ts";

const shape = { ...presets["0.5b"], layers: 6 };
const adapters = 3;

/**
 * What the first request for an adapter waits for beyond one for its base, and what an adapter takes: a context of its
 * own, and never the weights again.
 */
export async function measureAdapters({ runs, threads, folder, rows, notes }: ServingBench): Promise<void> {
  const path = join(folder, "base.gguf");
  await makeRandomModel(path, { preset: shape, type: "Q8_0", seed: 5 });
  const model = await modelFiles(path);
  const files: AdapterFile[] = [];
  for (let count = 0; count < adapters; count += 1)
    files.push(await adapterFor(join(folder, `adapter-${count}.gguf`), shape, count + 1));
  const waits: number[] = [];
  const shares: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using engine = newEngine(folder, threads);
    await engine.load(model, { threads, slots: 2, contextSize: 512, adapterContexts: adapters }, never);
    const first = async (adapter: AdapterFile | null): Promise<number> => {
      const since = performance.now();
      let at = 0;
      for await (const event of engine.generate({ ...request(2, 2), adapter }, never))
        if (event.type === "tokens" && at === 0) at = performance.now();
      return at - since;
    };
    for (let count = 0; count < 3; count += 1) await first(null);
    for (const adapter of files) {
      const before = residentBytes(engine.pid ?? 0);
      const alone = median([await first(null), await first(null), await first(null)]);
      waits.push((await first(adapter)) - alone);
      shares.push(((residentBytes(engine.pid ?? 0) - before) / model.bytes) * 100);
    }
  }
  rows.push(
    limited("an adapter's first request, over one for its base", "ms", waits, "≤ 50", (value) => value <= 50),
    limited("memory of one adapter, of its base's weights", "%", shares, "≤ 50", (value) => value <= 50),
  );
  notes.push(
    `adapters: rank 4 on the query and value layers of a base of ${Math.round(model.bytes / 1e6)} MB, 2 slots of 512 tokens; the files are in the page cache`,
  );
}
