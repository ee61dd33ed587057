import { join } from "node:path";
import { getLlama } from "node-llama-cpp";
import type { Llama, Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TrainingParameters } from "@hearth/wire/hub/training";
import type { ModelWriteType } from "../../../../model-files/gguf/decoder-model.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-shape.ts";
import { tinyFamilies } from "../../../../model-files/testing/tiny-families.ts";
import type { Probe, TrainingResult } from "../../trainer.ts";
import { runTraining } from "../run-training.ts";
import {
  chatRows,
  specificationOf,
  temporaryFolder,
  tinyShape,
  writeRows,
  writeTinyBase,
} from "../testing/tiny-base.ts";

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1 });
});
afterAll(() => llama.dispose());

/** What the engine answers greedily to each probe's prompt, as many tokens as were expected. */
async function engineAnswers(
  modelPath: string,
  adapter: string | null,
  probes: readonly Probe[],
): Promise<number[][]> {
  const model = await llama.loadModel({ modelPath });
  await using context = await model.createContext({
    contextSize: tinyShape.context,
    sequences: 1,
    threads: 1,
    ...(adapter === null ? {} : { lora: { adapters: [{ filePath: adapter }] } }),
  });
  const sequence = context.getSequence();
  const answers: number[][] = [];
  for (const { promptTokens, expectedTokens } of probes) {
    await sequence.clearHistory();
    const answer: number[] = [];
    const generated = sequence.evaluate(promptTokens as Token[], { temperature: 0 });
    for await (const token of generated) {
      answer.push(token);
      if (answer.length === expectedTokens.length) break;
    }
    answers.push(answer);
  }
  await context.dispose();
  await model.dispose();
  return answers;
}

async function trained(
  folder: string,
  baseType: ModelWriteType,
  parameters: Partial<TrainingParameters>,
  shape?: DecoderShape,
) {
  const base = await writeTinyBase(join(folder, "base.gguf"), baseType, undefined, shape);
  const train = await writeRows(join(folder, "train.jsonl"), chatRows(32, 2));
  const result: TrainingResult = await runTraining(
    specificationOf({ epochs: 15, batch_size: 8, learning_rate: 0.02, ...parameters }, { base, train }),
    { folder, threads: 1, memoryLimitBytes: 2 ** 32 },
    { signal: new AbortController().signal, onEvent: () => undefined },
  );
  return { base, result };
}

describe("the engine answers as the trainer does", () => {
  test.each(["F32", "F16", "Q8_0", "Q4_K_M"] as const)("LoRA on a base in %s", async (type) => {
    await using folder = await temporaryFolder();
    const { base, result } = await trained(folder.path, type, {
      recipe: "lora",
      lora_rank: 4,
      lora_alpha: 12,
      // A wider model learns at a lower rate.
      ...(type === "Q4_K_M" ? { learning_rate: 0.005, epochs: 10 } : {}),
    });
    const expected = result.probes.map((probe) => probe.expectedTokens);
    expect(expected.length).toBeGreaterThanOrEqual(4);
    expect(new Set(expected.map(String)).size).toBeGreaterThan(1);
    expect(await engineAnswers(base, join(folder.path, result.engineFile), result.probes)).toEqual(expected);
    // Without the adapter the same prompts are continued otherwise: the comparison tells something.
    expect(await engineAnswers(base, null, result.probes)).not.toEqual(expected);
  });

  const families = tinyFamilies.filter(({ shape }) => shape.traits !== undefined);
  test.each(families.filter(({ name }) => /^[a-z0-9]+$/u.test(name)))(
    "LoRA on a quantised base of $name",
    async ({ shape }) => {
      await using folder = await temporaryFolder();
      const parameters = { recipe: "lora", lora_rank: 4, lora_alpha: 12 } as const;
      const { base, result } = await trained(folder.path, "Q8_0", parameters, shape);
      const expected = result.probes.map((probe) => probe.expectedTokens);
      expect(expected.length).toBeGreaterThanOrEqual(4);
      expect(await engineAnswers(base, join(folder.path, result.engineFile), result.probes)).toEqual(
        expected,
      );
      expect(await engineAnswers(base, null, result.probes)).not.toEqual(expected);
    },
    300_000,
  );

  test("all weights trained, exported as F16", async () => {
    await using folder = await temporaryFolder();
    const { result } = await trained(folder.path, "Q8_0", { recipe: "full", learning_rate: 0.003 });
    const expected = result.probes.map((probe) => probe.expectedTokens);
    expect(expected.length).toBeGreaterThanOrEqual(4);
    expect(await engineAnswers(join(folder.path, result.engineFile), null, result.probes)).toEqual(expected);
  });

  test.each(["F16", "Q8_0", "F32"] as const)("a new model in %s", async (weightType) => {
    await using folder = await temporaryFolder();
    const train = await writeRows(join(folder.path, "corpus.jsonl"), chatRows(150, 1));
    const shape = { vocabulary: 320, dim: 64, layers: 2, heads: 4, kv_heads: 2, ffn: 96 };
    const result = await runTraining(
      specificationOf(
        {
          recipe: "pretrain",
          epochs: 2,
          batch_size: 4,
          sequence_length: 64,
          learning_rate: 0.01,
          pretrain: shape,
        },
        { base: null, train },
      ),
      { folder: folder.path, threads: 1, memoryLimitBytes: 2 ** 32 },
      { signal: new AbortController().signal, onEvent: () => undefined, weightType },
    );
    const expected = result.probes.map((probe) => probe.expectedTokens);
    expect(expected.length).toBeGreaterThanOrEqual(4);
    expect(await engineAnswers(join(folder.path, result.engineFile), null, result.probes)).toEqual(expected);
  });
});
