import ort from "onnxruntime-node";
import { HearthError } from "../../../../errors.ts";
import type { LlamaShape } from "../../../../model-files/gguf/llama-shape.ts";
import type { Batch } from "../program.ts";
import type { Tensors } from "./state.ts";

/** A batch that has the right size and only tokens of the vocabulary. */
export interface CheckedBatch {
  /** Number of targets that count. */
  readonly scored: number;
  /** Graph inputs, each scored target weighing the given amount. */
  feeds(weight: number): Tensors;
}

/**
 * @throws HearthError `invalid_request` naming the first length or token that does not fit
 */
export function checkBatch(
  { tokens, targets }: Batch,
  { batchSize, sequenceLength }: { batchSize: number; sequenceLength: number },
  { vocabulary }: LlamaShape,
): CheckedBatch {
  const rows = batchSize * sequenceLength;
  if (tokens.length !== rows || targets.length !== rows) {
    throw new HearthError(
      "invalid_request",
      `a batch has ${tokens.length} tokens and ${targets.length} targets; ${batchSize} sequences of ${sequenceLength} need ${rows}`,
    );
  }
  checkTokens(tokens, vocabulary);
  let scored = 0;
  for (let row = 0; row < rows; row++) {
    const target = targets[row] ?? -1;
    if (target < -1 || target >= vocabulary) refuse("target", target, row, vocabulary);
    if (target >= 0) scored++;
  }
  return {
    scored,
    feeds: (weight) => ({
      tokens: new ort.Tensor("int32", tokens, [rows]),
      targets: new ort.Tensor(
        "int32",
        targets.map((target) => Math.max(target, 0)),
        [rows, 1],
      ),
      lossWeights: new ort.Tensor(
        "float32",
        Float32Array.from(targets, (target) => (target < 0 ? 0 : weight)),
        [rows, 1],
      ),
    }),
  };
}

/**
 * @throws HearthError `invalid_request` naming the first token outside the vocabulary
 */
export function checkTokens(tokens: Int32Array, vocabulary: number): void {
  for (const [row, token] of tokens.entries()) {
    if (token < 0 || token >= vocabulary) refuse("token", token, row, vocabulary);
  }
}

function refuse(what: string, found: number, row: number, vocabulary: number): never {
  throw new HearthError(
    "invalid_request",
    `${what} ${row} is ${found}; the vocabulary has 0 to ${vocabulary - 1}`,
  );
}
