import type { LoadOptions, MemoryEstimate, ModelFiles } from "../../engine.ts";
import { contextSizeFor } from "../../estimate.ts";

/** Python with MLX, mlx-lm and the tokenizers, measured on Linux with a model of 1 MB loaded. */
const processBytes = 125e6;
const f16Bytes = 2;
/** Prompt tokens that are computed at a time, at most, and the rows that are alive while they are. */
const prefillTokens = 512;
const liveRows = 8;

/** Bytes of key/value caches of finished answers that the server keeps: as much as one answer may need. */
export function promptCacheBytes(model: ModelFiles, options: LoadOptions): number {
  return contextSizeFor(model.shape?.context ?? null, options.contextSize) * tokenBytes(model);
}

/** Memory that an `mlx_lm.server` takes with this model. In bytes. */
export function estimateMlxMemory(model: ModelFiles, options: LoadOptions): MemoryEstimate {
  const contextSize = contextSizeFor(model.shape?.context ?? null, options.contextSize);
  const { bytes: weightsBytes, shape } = model;
  const kvCacheBytes = options.slots * contextSize * tokenBytes(model) + promptCacheBytes(model, options);
  const rowBytes = (shape?.embedding ?? 4096) * liveRows * f16Bytes;
  const computeBytes = processBytes + Math.min(prefillTokens, contextSize) * rowBytes;
  return {
    weightsBytes,
    kvCacheBytes,
    computeBytes,
    totalBytes: weightsBytes + kvCacheBytes + computeBytes,
  };
}

function tokenBytes({ shape, bytes }: ModelFiles): number {
  // Without a shape: as many key as query heads and 32 layers.
  return (shape?.cacheElementsPerToken ?? 64 * Math.ceil(Math.sqrt(bytes / 384))) * f16Bytes;
}
