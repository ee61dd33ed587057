import ort from "onnxruntime-node";
import { HearthError } from "../../../../errors.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-shape.ts";
import type { BatchShape } from "../model/graphs.ts";
import type { Batch, ProgramSpec } from "../program.ts";
import type { Tensors } from "./state.ts";

/** Added to the score of a position that is not seen; a larger one would make denormals. */
const hidden = -1e9;

/** A batch that has a possible size and only tokens of the vocabulary. */
export interface CheckedBatch {
  readonly shape: BatchShape;
  /** Number of targets that count. */
  readonly scored: number;
  /** Graph inputs, each scored target weighing the given amount. */
  feeds(weight: number): Tensors;
}

/**
 * @throws HearthError `invalid_request` naming the first length or token that does not fit
 */
export function checkBatch(
  { tokens, targets, places }: Batch,
  {
    batchSize,
    sequenceLength,
    scoredPositions,
  }: Pick<ProgramSpec, "batchSize" | "sequenceLength" | "scoredPositions">,
  { vocabulary }: DecoderShape,
): CheckedBatch {
  const rows = tokens.length;
  const length = rows / batchSize;
  if (targets.length !== rows || !Number.isInteger(length) || length < 1 || length > sequenceLength) {
    throw new HearthError(
      "invalid_request",
      `a batch has ${tokens.length} tokens and ${targets.length} targets; ${batchSize} sequences of one length up to ${sequenceLength} are needed`,
    );
  }
  checkTokens(tokens, vocabulary);
  let scored = 0;
  for (let row = 0; row < rows; row++) {
    const target = targets[row] ?? -1;
    if (target < -1 || target >= vocabulary) refuse("target", target, row, vocabulary);
    if (target >= 0) scored++;
  }
  const room = Math.min(rows, scoredPositions ?? rows);
  if (scored > room) {
    throw new HearthError(
      "invalid_request",
      `a batch scores ${scored} positions; the program was made for at most ${room}`,
    );
  }
  const positions = room === rows ? allRows(rows) : scoredRows(targets, room);
  return {
    shape: { batchSize, sequenceLength: length, scored: room, packed: places !== undefined },
    scored,
    feeds: (weight) => ({
      ...(places === undefined ? {} : packedFeeds(places, batchSize, length)),
      tokens: new ort.Tensor("int32", tokens, [rows]),
      targets: new ort.Tensor(
        "int32",
        positions.map((row) => Math.max(targets[row] ?? 0, 0)),
        [room, 1],
      ),
      lossWeights: new ort.Tensor(
        "float32",
        Float32Array.from(positions, (row, index) =>
          (targets[row] ?? -1) < 0 || (room < rows && index >= scored) ? 0 : weight,
        ),
        [room, 1],
      ),
      ...(room === rows ? {} : { scoredRows: new ort.Tensor("int32", positions, [room]) }),
    }),
  };
}

/** The places themselves, and a mask that lets each token see its row up to itself. */
function packedFeeds(places: Int32Array, batchSize: number, length: number): Tensors {
  if (places.length !== batchSize * length) {
    throw new HearthError(
      "invalid_request",
      `a batch of ${batchSize * length} tokens has ${places.length} places; each token has one`,
    );
  }
  const mask = new Float32Array(batchSize * length * length).fill(hidden);
  for (const [row, place] of places.entries()) {
    const position = row % length;
    if (place < 0 || place > position) {
      throw new HearthError("invalid_request", `place ${row} is ${place}; it may be 0 to ${position}`);
    }
    mask.fill(0, row * length + position - place, row * length + position + 1);
  }
  return {
    places: new ort.Tensor("int64", BigInt64Array.from(places, BigInt), [batchSize, length]),
    mask: new ort.Tensor("float32", mask, [batchSize, 1, length, length]),
  };
}

function allRows(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row);
}

/** The rows that are scored, filled up with row 0, which then weighs nothing. */
function scoredRows(targets: Int32Array, room: number): Int32Array {
  const positions = new Int32Array(room);
  let count = 0;
  for (const [row, target] of targets.entries()) {
    if (target >= 0) positions[count++] = row;
  }
  return positions;
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
