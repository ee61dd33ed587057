import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainingParameters } from "@hearth/wire/hub/training";
import type { TrainingParameters } from "@hearth/wire/hub/training";
import { chatmlTemplate } from "../../../../model-files/chat-template.ts";
import { decoderTensors, writeDecoderModel } from "../../../../model-files/gguf/decoder-model.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import type { GgufWriteType } from "../../../../model-files/gguf/write.ts";
import { trainTokenizer } from "../../../../model-files/tokenizer/train.ts";
import type { MetricPoint, TrainerEvent, TrainingSpecification } from "../../trainer.ts";
import { controlTokens } from "../data/corpus.ts";
import { seededRandom } from "../data/random.ts";
import { initialWeights } from "../loop/initial-weights.ts";

/** A folder of its own for a test, removed at the end of the `await using` scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "hearth-trainer-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const animals = ["dog", "cat", "cow", "hen", "fox", "owl"];
const colours = ["red", "blue", "green", "black"];

/** Seeded rows of a small task that can be learnt: the animal decides the answer. */
export function chatRows(count: number, seed: number): { messages: { role: string; content: string }[] }[] {
  const random = seededRandom(seed, "rows");
  return Array.from({ length: count }, () => {
    const animal = random.integer(animals.length);
    const colour = colours[random.integer(colours.length)] ?? "";
    return {
      messages: [
        { role: "system", content: "Name the place." },
        { role: "user", content: `The ${colour} ${animals[animal] ?? ""} sleeps.` },
        { role: "assistant", content: animal < 3 ? "the barn" : "a forest" },
      ],
    };
  });
}

export async function writeRows(path: string, rows: readonly unknown[]): Promise<string> {
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

export const tinyShape: DecoderShape = {
  vocabulary: 300,
  dim: 64,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  ffn: 96,
  normEps: 1e-5,
  ropeTheta: 10_000,
  context: 96,
  tied: true,
};

/**
 * Writes a model with seeded random weights and a tokenizer of its own; gives its path.
 *
 * @param spoil name of a tensor that gets an infinite number
 * @param wanted its sizes and family; the vocabulary is the tokenizer's
 */
export async function writeTinyBase(
  path: string,
  type: GgufWriteType,
  spoil?: string,
  wanted: DecoderShape = tinyShape,
): Promise<string> {
  const texts = chatRows(200, 1).flatMap(({ messages }) =>
    messages.map(({ role, content }) => `${role}\n${content}`),
  );
  const tokenizer = trainTokenizer(texts, {
    vocabularySize: wanted.vocabulary,
    specialTokens: controlTokens,
    eos: "<|im_end|>",
    bos: "<|endoftext|>",
  });
  const shape = { ...wanted, vocabulary: tokenizer.tokens.length };
  const start = initialWeights(shape, 5);
  const weights = new Map<string, Float32Array>();
  for (const [name, { length }] of decoderTensors(shape)) {
    const values = await start.read(name);
    // Norms of 1 and biases of 0 would not show which of them is used where.
    if (length === 1 && shape.traits !== undefined) vary(values, name);
    // Embeddings of a trained model are larger; so are the differences between its logits.
    if (name === "token_embd.weight") values.forEach((value, index) => (values[index] = value * 10));
    if (name === spoil) values[0] = Infinity;
    weights.set(name, values);
  }
  await writeDecoderModel(path, {
    shape,
    name: "tiny",
    tokenizer,
    chatTemplate: chatmlTemplate,
    weights,
    type,
  });
  return path;
}

function vary(values: Float32Array, name: string): void {
  const random = seededRandom(5, "vary", name);
  values.forEach((value, index) => (values[index] = value + 0.3 * random.normal()));
}

/** A specification on top of the defaults. */
export function specificationOf(
  parameters: Partial<TrainingParameters>,
  files: { base: string | null; train: string; validation?: string },
): TrainingSpecification {
  return {
    parameters: trainingParameters.parse(parameters),
    base: files.base === null ? null : { path: files.base, sha256: "0".repeat(64) },
    dataset: { format: "chat", train: files.train, validation: files.validation ?? null },
    modelName: "tuned",
  };
}

/** The step after which training began or went on; −1 when it never did. */
export function startOf(events: readonly TrainerEvent[]): number {
  const begun = events.find((event) => event.type === "progress" && event.progress.phase === "training");
  return begun?.type === "progress" ? begun.progress.step : -1;
}

/** Every step's value of one metric, by step. */
export function metricOf(events: readonly TrainerEvent[], key: string): Map<number, number> {
  const points = events.flatMap<MetricPoint>((event) => (event.type === "progress" ? event.metrics : []));
  return new Map(points.filter((point) => point.key === key).map(({ step, value }) => [step, value]));
}
