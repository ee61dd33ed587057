import type { LoadOptions, MemoryEstimate, ModelFiles } from "./engine.ts";

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

/** Tokens that a sequence can hold: what was asked for, at most what the model was trained for. */
export function contextSizeFor(trained: number | null, asked: number | undefined): number {
  return Math.min(asked ?? defaultContextSize, trained ?? Number.MAX_SAFE_INTEGER);
}

/**
 * Memory that an engine takes with this model: weights, the key/value cache in F16 of the base's
 * context (an adapter's context takes as much again when it is made), the buffers of a decode
 * call, and the process itself. All in bytes.
 */
export function estimateMemory(model: ModelFiles, options: LoadOptions): MemoryEstimate {
  const { shape, bytes: weightsBytes } = model;
  const contextSize = contextSizeFor(shape?.context ?? null, options.contextSize);
  // Without a shape: a wide and shallow cache, as in models with as many key as query heads.
  const cacheElements = shape?.cacheElementsPerToken ?? 2 * Math.ceil(Math.cbrt(weightsBytes)) * 32;
  const kvCacheBytes = contextSize * options.slots * cacheElements * f16Bytes;
  const rowBytes =
    shape === null ? weightsBytes / 1000 : (shape.vocabulary + liveRows * shape.embedding) * f32Bytes;
  const computeBytes = Math.ceil(processBytes + batchTokens * rowBytes);
  return { weightsBytes, kvCacheBytes, computeBytes, totalBytes: weightsBytes + kvCacheBytes + computeBytes };
}
