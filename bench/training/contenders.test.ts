import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { baseTypes, caseName, trainingCases } from "./cases.ts";
import type { TrainingCase } from "./cases.ts";
import { contenders, measure, writeBase } from "./contenders.ts";
import { benchTraining } from "./training.ts";

const [own, ...peers] = contenders().contenders;
const short = { shape: "3M", batchSize: 2, sequenceLength: 16, steps: 2, warmUp: 0, minutes: 20 } as const;
const tiny = { ...short, part: "tiny", quick: true } as const;

async function trained(
  contender: typeof own,
  rank: number,
  base: TrainingCase["base"],
): Promise<Awaited<ReturnType<typeof measure>>> {
  if (contender === undefined) throw new Error("nobody trains");
  const folder = await mkdtemp(join(tmpdir(), "hearth-bench-"));
  try {
    const path = join(folder, "base.gguf");
    await writeBase(path, { shape: "3M", base });
    return await measure(contender, { ...tiny, rank, base }, path, { seed: 1, threads: 1 });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each([[0, "F32"] as const, ...baseTypes.map((base) => [8, base] as const)])(
  "Hearth trains a short run, rank %d on %s",
  async (rank, base) => {
    const result = await trained(own, rank, base);
    expect(result?.seconds).toHaveLength(2);
    expect(result?.losses.every((loss) => loss > 0 && loss < 20)).toBe(true);
    expect(result?.peakBytes).toBeGreaterThan(result?.startBytes ?? Infinity);
  },
);

// Compiling takes minutes on a slow machine and is a matter of the measurement itself.
test.each(peers.filter(({ more }) => more["compile"] !== true).map((peer) => [peer.name, peer] as const))(
  "%s trains the same",
  { timeout: 3_600_000 },
  async (_, peer) => {
    for (const [rank, base] of [
      [0, "F32"],
      [8, "Q8_0"],
    ] as const) {
      const result = await trained({ ...peer, more: { compile: false } }, rank, base);
      expect(result?.losses.every((loss) => loss > 0 && loss < 20)).toBe(true);
    }
  },
);

test("every case has a name of its own; a part that is none is refused with those there are", async () => {
  expect(new Set(trainingCases.map(caseName)).size).toBe(trainingCases.length);
  const options = { runs: 1, install: false, parts: ["lora-7b"] };
  await expect(benchTraining(options)).rejects.toThrow(/no part lora-7b; it has pretrain-3m,.*gpu/);
});

test("a peer that there is not is refused by its name", () => {
  expect(contenders(["eager"]).contenders.map(({ name }) => name)).not.toContain("PyTorch compiled");
  expect(() => contenders(["egaer"])).toThrow(/no peer egaer; it knows eager, compiled, mlx/);
});
