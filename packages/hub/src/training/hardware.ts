import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import type { Hardware } from "@hearth/wire/hub/models";

/** Instruction sets by which kernels are chosen; sums in another order round otherwise. */
const relevant =
  /^(sse4_[12]|avx|avx2|avx_vnni|avx512\w*|fma|f16c|amx_\w+|neon|asimd\w*|sve2?|i8mm|bf16|fphp|dotprod)$/;

/** The machine as far as it decides how numbers come out. */
export async function readHardware(gpus: string[]): Promise<Hardware> {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    features: processorFeatures(await processorText()),
    memory_bytes: totalmem(),
    gpus,
  };
}

/** Of Linux's /proc/cpuinfo (`flags` on x86, `Features` on Arm), in alphabetical order; null without such a line. */
export function processorFeatures(text: string | null): string[] | null {
  const line = text === null ? undefined : /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  const found = line.split(/\s+/).filter((name) => relevant.test(name));
  return [...new Set(found)].toSorted();
}

/** Null on systems that have no such file. */
async function processorText(): Promise<string | null> {
  try {
    return await readFile("/proc/cpuinfo", "utf8");
  } catch {
    return null;
  }
}
