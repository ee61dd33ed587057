import type { LoadOptions, MemoryEstimate } from "./engine.ts";
import { ResourceExhausted } from "./errors.ts";
import { defaultAdapterContexts } from "./estimate.ts";
import type { LoadedBase } from "./loaded-base.ts";
import { reserve } from "./reserve.ts";
import type { Reservation, Wanted } from "./reserve.ts";

/** What a load would take and what it would cost others, or what it takes. Bytes. */
export interface LoadPlan {
  loaded: boolean;
  /** Why it could not be loaded now; null: it could. */
  refusal: string | null;
  load: LoadOptions;
  memory: MemoryEstimate;
  /** Adapters that are kept ready at a time, and what each of them takes of the total. */
  adapterContexts: number;
  adapterBytes: number;
  budgetBytes: number;
  /** By engines and others, before the load. */
  usedBytes: number;
  /** What would have to go, the first first, by the checksum of its base. */
  evicted: { base: string; bytes: number }[];
}

/** Looks at a load as `reserve` would decide it now. Where nothing fits, the smallest way is told. */
export function planLoad(
  wanted: Wanted<LoadedBase>,
  estimate: (load: LoadOptions) => MemoryEstimate,
  { loaded, refusal }: { loaded: LoadedBase | undefined; refusal: string | null },
): LoadPlan {
  const { load, evicted, reason } =
    loaded === undefined ? attempt(wanted) : { load: loaded.load, evicted: [], reason: null };
  const adapterContexts = load.adapterContexts ?? defaultAdapterContexts;
  const memory = estimate({ ...load, adapterContexts });
  const without = estimate({ ...load, adapterContexts: adapterContexts - 1 });
  const { totalBytes, otherBytes } = wanted.budget;
  const held = [...wanted.claims()].reduce((sum, { bytes }) => sum + bytes, otherBytes);
  return {
    loaded: loaded !== undefined,
    refusal: refusal ?? reason,
    load,
    memory,
    adapterContexts,
    adapterBytes: memory.totalBytes - without.totalBytes,
    budgetBytes: totalBytes,
    usedBytes: held,
    evicted: evicted.map(({ key, bytes }) => ({ base: key, bytes })),
  };
}

function attempt(
  wanted: Wanted<LoadedBase>,
): Pick<Reservation<LoadedBase>, "load" | "evicted"> & { reason: string | null } {
  try {
    return { ...reserve(wanted), reason: null };
  } catch (error) {
    const smallest = wanted.ways.at(-1);
    if (!(error instanceof ResourceExhausted) || smallest === undefined) throw error;
    return { load: { ...smallest, adapterContexts: 1 }, evicted: [], reason: error.message };
  }
}
