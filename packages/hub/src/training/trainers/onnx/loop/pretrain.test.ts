import { join } from "node:path";
import { expect, test } from "vitest";
import { readGgufHeader } from "../../../../model-files/gguf/read.ts";
import { readDecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import { tokenizerFromGguf } from "../../../../model-files/tokenizer/tokenizer.ts";
import type { TrainerEvent } from "../../trainer.ts";
import { runTraining } from "../run-training.ts";
import { chatRows, metricOf, specificationOf, temporaryFolder, writeRows } from "../testing/tiny-base.ts";

const pretrain = { vocabulary: 320, dim: 64, layers: 2, heads: 4, kv_heads: 2, ffn: 96 };

async function pretrained(folder: string, rows: readonly unknown[], changed = {}): Promise<TrainerEvent[]> {
  const train = await writeRows(join(folder, "corpus.jsonl"), rows);
  const specification = specificationOf(
    {
      recipe: "pretrain",
      epochs: 2,
      batch_size: 4,
      sequence_length: 48,
      learning_rate: 0.01,
      pretrain,
      ...changed,
    },
    { base: null, train, validation: train },
  );
  const events: TrainerEvent[] = [];
  await runTraining(
    specification,
    { folder, threads: 1, memoryLimitBytes: 2 ** 32 },
    { signal: new AbortController().signal, onEvent: (event) => events.push(event) },
  );
  return events;
}

test("makes a complete model of the asked shape out of mixed rows, and its loss falls", async () => {
  await using folder = await temporaryFolder();
  const rows = [
    ...chatRows(100, 1),
    ...Array.from({ length: 40 }, (_, index) => ({
      text: `The house number ${index} is red. It is a house.`,
    })),
    { prompt: "The red dog", completion: " sleeps in the barn." },
  ];
  const events = await pretrained(folder.path, rows);
  const header = await readGgufHeader(join(folder.path, "model.gguf"));
  expect(await readDecoderShape(header)).toMatchObject({
    vocabulary: 320,
    dim: 64,
    layers: 2,
    heads: 4,
    kvHeads: 2,
    ffn: 96,
    context: 48,
  });
  const tokenizer = tokenizerFromGguf(header);
  expect(tokenizer.decode([tokenizer.eosId], { special: true })).toBe("<|im_end|>");
  expect(header.metadata.string("tokenizer.chat_template")).toContain("<|im_start|>");
  expect(header.metadata.string("general.name")).toBe("tuned");
  const losses = [...metricOf(events, "loss").values()];
  expect(losses[0]).toBeCloseTo(Math.log(320), 0);
  expect(losses.at(-1)).toBeLessThan(3.5);
  expect([...metricOf(events, "validation_loss").values()].at(-1)).toBeLessThan(3.5);
});

test("refuses an impossible shape and a corpus that is too small", async () => {
  await using folder = await temporaryFolder();
  const odd = { pretrain: { ...pretrain, heads: 5 } };
  await expect(pretrained(folder.path, chatRows(10, 1), odd)).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("heads (5)"),
  });
  await expect(pretrained(folder.path, [{ text: "short" }])).rejects.toMatchObject({
    code: "dataset_invalid",
  });
});
