import { z } from "zod";
import type { LoadOptions, MemoryEstimate, ModelFiles, ModelShape } from "./engine.ts";

/** Context size when nobody asks for one. */
const defaultContextSize = 4096;
export const defaultAdapterContexts = 3;
/** Tokens that one decode call may hold at most; sizes the engine's buffers. */
export const batchTokens = 128;

/** Resident memory of Node with the library, its code and a model of 1 MB, after some answers; measured on Linux. */
const processBytes = 150e6;
/** What the library and Node keep of each entry of the vocabulary; measured with 4,096 and 32,000 entries. */
const vocabularyEntryBytes = 1300;
const f16Bytes = 2;
const f32Bytes = 4;
/** Q8_0 keeps 32 numbers in 34 bytes. */
const q8Bytes = 34 / 32;
/** Hidden-state-sized arrays that a graph keeps at the same time: residual, norm, q, k, v, and the wider ones of the feed-forward part. */
const liveRows = 16;
/** Width of an attention head in nearly every model; gives their number where only the width of all is known. */
const usualHeadWidth = 64;
/** Types whose weights llama.cpp copies, in an order that suits the CPU, into memory of their own. */
const repacked = /^(Q4_0|Q[2456]_K|IQ4_NL)/;

/** Tokens that a sequence can hold: what was asked for, at most what the model was trained for. */
export function contextSizeFor(trained: number | null, asked: number | undefined): number {
  return Math.min(asked ?? defaultContextSize, trained ?? Number.MAX_SAFE_INTEGER);
}

const storedShape = z.object({
  layers: z.number().positive(),
  embedding: z.number().positive(),
  vocabulary: z.number().positive(),
  context: z.number().positive(),
  cacheElementsPerToken: z.number().nonnegative(),
  heads: z.number().positive().nullish(),
  quantisation: z.string().nullish(),
});

/** The shape from what the registry keeps of a model file; null when it keeps something else. */
export function shapeOf(summary: unknown): ModelShape | null {
  const parsed = storedShape.safeParse(summary);
  return parsed.success ? parsed.data : null;
}

/**
 * Resident memory that an engine takes with this model once every part was used: weights, the
 * key/value caches of the base's context and of each adapter's, the buffers of a decode call, and the
 * process itself. In bytes.
 */
export function estimateMemory(model: ModelFiles, options: LoadOptions): MemoryEstimate {
  const { shape, bytes } = model;
  const contextSize = contextSizeFor(shape?.context ?? null, options.contextSize);
  const contexts = 1 + (options.adapterContexts ?? defaultAdapterContexts);
  // Without a shape: the cache of a model with as many key as query heads and 32 layers.
  const cacheElements = shape?.cacheElementsPerToken ?? 64 * Math.ceil(Math.sqrt(bytes / 384));
  const elementBytes = options.kvCacheType === "q8_0" ? q8Bytes : f16Bytes;
  const kvCacheBytes = Math.ceil(contexts * contextSize * options.slots * cacheElements * elementBytes);
  const computeBytes = Math.ceil(
    processBytes +
      (shape?.vocabulary ?? 0) * vocabularyEntryBytes +
      contexts * contextBytes(model, contextSize, options.slots),
  );
  const weightsBytes = bytes + repackedBytes(model);
  return {
    weightsBytes,
    kvCacheBytes,
    computeBytes,
    totalBytes: weightsBytes + kvCacheBytes + computeBytes,
  };
}

/** What a decode call of a context holds beside the cache. */
function contextBytes({ shape, bytes }: ModelFiles, contextSize: number, slots: number): number {
  if (shape === null) return (batchTokens * bytes) / 1000;
  const hidden = batchTokens * liveRows * shape.embedding;
  // Of a prompt only the last token's scores are computed: a row for each slot, in the graph and as its result.
  const logits = 2 * slots * shape.vocabulary;
  // Without flash attention the scores of all heads of a layer are held for a whole decode call.
  const attention = batchTokens * contextSize * (shape.heads ?? shape.embedding / usualHeadWidth);
  return (hidden + logits + attention) * f32Bytes;
}

/** Metal computes with the weights as they are in the file. */
function repackedBytes({ shape, bytes }: ModelFiles): number {
  return process.platform !== "darwin" && repacked.test(shape?.quantisation ?? "") ? bytes : 0;
}
