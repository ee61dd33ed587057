import { HearthError } from "../../../../errors.ts";
import { readDecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import { elementCount } from "../../../../model-files/gguf/format.ts";
import type { GgmlTypeName, GgufHeader } from "../../../../model-files/gguf/format.ts";
import { readGgufHeader } from "../../../../model-files/gguf/read.ts";
import { tokenizerFromGguf } from "../../../../model-files/tokenizer/tokenizer.ts";
import type { TrainingAttempt, TrainingSpecification } from "../../trainer.ts";
import { binCapacity, packRows, sequencesOfBatch } from "../data/bins.ts";
import { collectRows, probePrompts, sourceOf } from "../data/collect.ts";
import type { Collected } from "../data/collect.ts";
import { samplePrompts } from "../data/sample-prompts.ts";
import { documentEnd } from "../data/encode.ts";
import type { Encoding } from "../data/encode.ts";
import { exportAdapter } from "../export/adapter.ts";
import { probeMargin } from "../export/probe-margin.ts";
import { exportTunedModel } from "../export/weights.ts";
import { headName } from "../model/graphs.ts";
import type { StoredBase } from "../model/memory.ts";
import { ggufWeights } from "./gguf-weights.ts";
import type { PreparedRun } from "./prepared-run.ts";
import { loopSettings } from "./settings.ts";

/**
 * Makes the recipes `lora` and `full` ready: reads the base's header, tokenises the rows with its
 * tokenizer and template, and chooses the graph's sequence length.
 *
 * Errors: `model_file_invalid`, `dataset_invalid`, `invalid_request`, the signal's reason.
 */
export async function prepareFineTuning(
  specification: TrainingSpecification,
  attempt: TrainingAttempt,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<PreparedRun> {
  const { parameters, base, dataset } = specification;
  if (base === null) {
    throw new HearthError(
      "invalid_request",
      `The recipe ${parameters.recipe} needs a base model; none was given.`,
    );
  }
  const header = await readGgufHeader(base.path);
  const shape = await readDecoderShape(header);
  const settings = loopSettings(parameters, shape.context, attempt.threads);
  const tokenizer = tokenizerFromGguf(header);
  const chatTemplate = header.metadata.optionalString("tokenizer.chat_template");
  const encoding: Encoding = { tokenizer, chatTemplate, sequenceLength: settings.sequenceLength };

  const training = await collectRows(dataset.train, encoding, signal);
  report("Training", training, log);
  const held = dataset.validation === null ? null : await collectRows(dataset.validation, encoding, signal);
  if (held !== null) report("Validation", held, log);

  const pack = (collected: Collected) =>
    parameters.packing === true && !collected.packed
      ? packRows(collected.store, binCapacity(collected.store, settings.sequenceLength))
      : undefined;
  const bins = pack(training);
  const sequencesPerBatch =
    bins === undefined
      ? parameters.batch_size
      : sequencesOfBatch(bins, training.store, parameters.batch_size);
  if (bins !== undefined)
    log(`Training: packed into ${bins.rows.length} sequences, ${sequencesPerBatch} in a batch.`);

  const isAdapter = parameters.recipe === "lora";
  const { modelName } = specification;
  return {
    settings,
    weights: ggufWeights(header, shape, { keep: isAdapter }),
    ...(isAdapter ? { stored: storedBase(header, shape) } : {}),
    train: isAdapter
      ? {
          kind: "lora",
          rank: parameters.lora_rank,
          alpha: settings.alpha,
          targets: parameters.lora_targets,
          seed: parameters.seed,
        }
      : { kind: "full" },
    sequencesPerBatch,
    source: sourceOf(
      training,
      settings.sequenceLength,
      {
        seed: parameters.seed,
        rowsPerStep: sequencesPerBatch * parameters.gradient_accumulation,
      },
      bins,
    ),
    validation: held === null ? null : sourceOf(held, settings.sequenceLength, null, pack(held)),
    probePrompts: probePrompts(training, documentEnd(tokenizer)),
    samplePrompts: await samplePrompts(specification, encoding, rowsOf(held), signal),
    decode: (tokens) => tokenizer.decode(tokens, { continues: true }),
    controlTokens: new Set(tokenizer.specialTokens.values()),
    probeMargin: probeMargin(isAdapter ? matrixTypes(header) : ["F16"]),
    exportModel: (program, folder) =>
      isAdapter
        ? exportAdapter(program, {
            folder,
            shape,
            rank: parameters.lora_rank,
            alpha: settings.alpha,
            baseName: header.metadata.optionalString("general.name") ?? "base",
          })
        : exportTunedModel(program, { folder, name: modelName, base: header, shape, type: "F16" }),
  };
}

function rowsOf(collected: Collected | null): number {
  return collected === null ? 0 : collected.store.rows + collected.skipped;
}

function report(what: string, { store, shortened, skipped }: Collected, log: (line: string) => void): void {
  log(`${what}: ${store.rows} rows, ${store.totalTokens} tokens, the longest ${store.longest}.`);
  if (shortened > 0)
    log(`${what}: ${shortened} rows were longer than the sequence length and lost their beginning.`);
  if (skipped > 0) log(`${what}: ${skipped} rows have nothing to learn and were passed over.`);
}

function storedBase({ tensors }: GgufHeader, shape: DecoderShape): StoredBase {
  const weights = new Map<GgmlTypeName, number>();
  for (const { type, shape: extents } of tensors.values()) {
    weights.set(type, (weights.get(type) ?? 0) + elementCount(extents));
  }
  return { weights, head: tensors.get(headName(shape))?.type ?? "F32" };
}

function matrixTypes(header: GgufHeader): string[] {
  return [...header.tensors.values()].filter(({ shape }) => shape.length > 1).map(({ type }) => type);
}
