import type { LoadOptions, ModelFiles } from "./engine.ts";
import { contextSizeFor } from "./estimate.ts";
import type { Serving } from "./serving.ts";

export interface Machine {
  cores: number;
  /** Bytes that all engines may take together. */
  budgetBytes: number;
  /** Most threads of an engine where nobody set them. */
  threads: number;
}

/** Below this size the threads of a decode step wait for each other longer than they compute. */
const oneThreadBytes = 32e6;
/** Contexts worth their memory, the best first: most chats fit into the first, few programs can use the last. */
const usualContext = 4096;
const contexts = [8192, 4096, 2048, 1024, 512] as const;

/**
 * Ways to load a model, the best first: as many slots and as long a context as are worth it on this
 * machine, then with less and less memory. What is set stays as it is set.
 *
 * A model may take its weights and half of what is left of the budget then; ways that take more come
 * only when no other one is left: the smallest.
 */
export function waysToLoad(
  model: ModelFiles,
  serving: Serving,
  machine: Machine,
  estimate: (options: LoadOptions) => number,
): LoadOptions[] {
  const trained = model.shape?.context ?? null;
  const contextSizes =
    serving.contextSize === null
      ? [...new Set(contexts.map((size) => contextSizeFor(trained, size)))]
      : [contextSizeFor(trained, serving.contextSize)];
  const slotCounts = serving.slots === null ? slotsFor(machine.cores) : [serving.slots];
  const threads = serving.threads ?? threadsFor(model, machine.threads);
  const ways = contextSizes.flatMap((contextSize) =>
    slotCounts.map((slots): LoadOptions => ({
      threads,
      slots,
      contextSize,
      ...(serving.kvCacheType === null ? {} : { kvCacheType: serving.kvCacheType }),
    })),
  );
  ways.sort((a, b) => tokensOf(b) - tokensOf(a) || unusual(a) - unusual(b));
  const limit = model.bytes + Math.max(0, machine.budgetBytes - model.bytes) / 2;
  const modest = ways.filter((way) => estimate({ ...way, adapterContexts: 1 }) <= limit);
  return modest.length > 0 ? modest : ways.slice(-1);
}

/** As many as there are, unless the model is so small that they would only wait for each other. */
export function threadsFor({ bytes }: ModelFiles, threads: number): number {
  return bytes < oneThreadBytes ? 1 : threads;
}

/** Of all slots together, which is what the memory goes to. */
function tokensOf({ slots, contextSize = 0 }: LoadOptions): number {
  return slots * contextSize;
}

/** Of two ways with as many tokens, the one nearer to the usual context is better. */
function unusual({ contextSize = usualContext }: LoadOptions): number {
  return Math.abs(Math.log2(contextSize / usualContext));
}

/** Decoding together costs little until the cores are busy; more slots than that only cost memory. */
function slotsFor(cores: number): number[] {
  const most = cores >= 8 ? 16 : cores > 1 ? 8 : 4;
  return [16, 8, 4, 2, 1].filter((slots) => slots <= most);
}
