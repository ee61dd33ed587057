import { join } from "node:path";
import { writeAtomically, writeFully } from "../../../model-files/atomic-file.ts";
import { writeLoraGguf } from "../../../model-files/gguf/lora-adapter.ts";
import { ModelFileInvalid } from "../../../model-files/invalid.ts";
import { readMlxAdapter } from "../../../model-files/mlx/adapter.ts";
import { ggufTwinFiles } from "../../gguf-twin.ts";
import type { Probe } from "../trainer.ts";

/**
 * Writes the adapter beside itself as the llama engine applies it to the same base in GGUF, and the probes, by which
 * a base is known to be the same. The names of both files; none, with the reason told, where GGUF has no such layers.
 */
export async function exportForGguf(
  folder: string,
  base: string,
  probes: readonly Probe[],
  log: (line: string) => void,
): Promise<string[]> {
  const { adapter, probes: probesFile } = ggufTwinFiles;
  try {
    const converted = await readMlxAdapter(folder, base);
    await writeLoraGguf(join(folder, adapter), { ...converted, type: "F32" });
  } catch (error) {
    if (!(error instanceof ModelFileInvalid)) throw error;
    log(`There is no copy for GGUF: ${error.message}`);
    return [];
  }
  const text = `${JSON.stringify(probes)}\n`;
  await writeAtomically(join(folder, probesFile), (file) => writeFully(file, Buffer.from(text)));
  return [adapter, probesFile];
}
