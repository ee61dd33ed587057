import type { TrainingParameters } from "@hearth/wire/hub/training";
import { HearthError } from "../../../../errors.ts";
import { chatmlTemplate } from "../../../../model-files/chat-template.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import type { ExportType } from "../export/weights.ts";
import { tokenizerFromFile } from "../../../../model-files/tokenizer/tokenizer.ts";
import type { TrainingAttempt, TrainingSpecification } from "../../trainer.ts";
import { probePrompts } from "../data/collect.ts";
import { collectCorpus, learnTokenizer } from "../data/corpus.ts";
import { samplePrompts } from "../data/sample-prompts.ts";
import { documentEnd } from "../data/encode.ts";
import { packedSource } from "../data/sources.ts";
import { probeMargin } from "../export/probe-margin.ts";
import { exportNewModel } from "../export/weights.ts";
import { initialWeights } from "./initial-weights.ts";
import type { PreparedRun } from "./prepared-run.ts";
import { loopSettings } from "./settings.ts";

/** Both as in Llama 2 (Touvron et al., 2023). */
const normEps = 1e-5;
const ropeTheta = 10_000;

/**
 * Makes the recipe `pretrain` ready: learns a tokenizer from the corpus, tokenises it, and starts a
 * model of the given shape from seeded random weights. Its context is the sequence length.
 *
 * Errors: `invalid_request` for an impossible shape, `dataset_invalid`, the signal's reason.
 */
export async function preparePretraining(
  specification: TrainingSpecification,
  attempt: TrainingAttempt,
  log: (line: string) => void,
  signal: AbortSignal,
  type: ExportType,
): Promise<PreparedRun> {
  const { parameters, dataset } = specification;
  const settings = loopSettings(parameters, undefined, attempt.threads);
  const wanted = requireShape(parameters);
  const tokenizerFile = await learnTokenizer(dataset.train, wanted.vocabulary, signal);
  const tokenizer = tokenizerFromFile(tokenizerFile);
  log(`Tokenizer: ${tokenizer.vocabularySize} tokens.`);

  const training = await collectCorpus(dataset.train, tokenizer, signal);
  log(`Training: ${training.store.rows} documents, ${training.store.totalTokens} tokens.`);
  if (training.store.totalTokens <= settings.sequenceLength) {
    throw new HearthError(
      "dataset_invalid",
      `The corpus has ${training.store.totalTokens} tokens; a sequence alone takes ${settings.sequenceLength + 1}. Give more text.`,
      { details: { tokens: training.store.totalTokens, sequence_length: settings.sequenceLength } },
    );
  }
  const held =
    dataset.validation === null ? null : await collectCorpus(dataset.validation, tokenizer, signal);
  const shape: DecoderShape = {
    vocabulary: tokenizer.vocabularySize,
    dim: wanted.dim,
    layers: wanted.layers,
    heads: wanted.heads,
    kvHeads: wanted.kv_heads,
    headDim: wanted.dim / wanted.heads,
    ffn: wanted.ffn,
    normEps,
    ropeTheta,
    context: settings.sequenceLength,
    tied: true,
  };
  const encoding = { tokenizer, chatTemplate: chatmlTemplate, sequenceLength: settings.sequenceLength };
  return {
    settings,
    weights: initialWeights(shape, parameters.seed),
    train: { kind: "full" },
    source: packedSource(training.store, settings.sequenceLength, parameters.seed),
    validation: held === null ? null : packedSource(held.store, settings.sequenceLength, null),
    probePrompts: probePrompts(training, documentEnd(tokenizer)),
    samplePrompts: await samplePrompts(specification, encoding, held?.store.rows ?? 0, signal),
    decode: (tokens) => tokenizer.decode(tokens),
    controlTokens: new Set(tokenizer.specialTokens.values()),
    probeMargin: probeMargin([type]),
    exportModel: (program, folder) =>
      exportNewModel(program, {
        folder,
        name: specification.modelName,
        shape,
        tokenizer: tokenizerFile,
        chatTemplate: chatmlTemplate,
        type,
      }),
  };
}

function requireShape({ pretrain: shape }: TrainingParameters): NonNullable<TrainingParameters["pretrain"]> {
  if (shape === undefined) {
    throw new HearthError("invalid_request", "The recipe pretrain needs the model's shape in `pretrain`.");
  }
  const headDim = shape.dim / shape.heads;
  const wrong =
    headDim % 2 !== 0
      ? `dim (${shape.dim}) must be an even multiple of heads (${shape.heads})`
      : shape.heads % shape.kv_heads !== 0
        ? `kv_heads (${shape.kv_heads}) must divide heads (${shape.heads})`
        : undefined;
  if (wrong !== undefined) throw new HearthError("invalid_request", `The shape is not possible: ${wrong}.`);
  return shape;
}
