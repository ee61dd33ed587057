import { z } from "zod";
import type { LoadOptions, MemoryEstimate, ModelFiles, ModelShape } from "./engine.ts";

/** Context size when nobody asks for one. */
export const defaultContextSize = 4096;
export const defaultAdapterContexts = 3;
/** Tokens that one decode call may hold at most; sizes the engine's buffers. */
export const batchTokens = 128;

/** Node, the library and its code, measured with a model of 1 MB loaded. */
const processBytes = 90e6;
const f16Bytes = 2;
const f32Bytes = 4;
/** Hidden-state-sized arrays that a graph keeps at the same time: residual, norm, q, k, v, and the wider ones of the feed-forward part. */
const liveRows = 16;
/** Width of an attention head in nearly every model; gives their number where only the width of all is known. */
const usualHeadWidth = 64;

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
});

/** The shape from what the registry keeps of a model file; null when it keeps something else. */
export function shapeOf(summary: unknown): ModelShape | null {
  const parsed = storedShape.safeParse(summary);
  return parsed.success ? parsed.data : null;
}

/**
 * Memory that an engine takes with this model: weights, the key/value caches in F16 of the base's
 * context and of each adapter's, the buffers of a decode call, and the process itself. In bytes.
 */
export function estimateMemory(model: ModelFiles, options: LoadOptions): MemoryEstimate {
  const { shape, bytes: weightsBytes } = model;
  const contextSize = contextSizeFor(shape?.context ?? null, options.contextSize);
  const contexts = 1 + (options.adapterContexts ?? defaultAdapterContexts);
  // Without a shape: the cache of a model with as many key as query heads and 32 layers.
  const cacheElements = shape?.cacheElementsPerToken ?? 64 * Math.ceil(Math.sqrt(weightsBytes / 384));
  const kvCacheBytes = contexts * contextSize * options.slots * cacheElements * f16Bytes;
  const rowBytes =
    shape === null ? weightsBytes / 1000 : (shape.vocabulary + liveRows * shape.embedding) * f32Bytes;
  // Without flash attention the scores of a whole decode call are held at once.
  const scoreBytes = shape === null ? 0 : (shape.embedding / usualHeadWidth) * contextSize * f32Bytes;
  const computeBytes = Math.ceil(processBytes + contexts * batchTokens * (rowBytes + scoreBytes));
  return {
    weightsBytes,
    kvCacheBytes,
    computeBytes,
    totalBytes: weightsBytes + kvCacheBytes + computeBytes,
  };
}
