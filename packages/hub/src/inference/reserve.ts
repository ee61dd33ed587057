import { makeRoom } from "./budget.ts";
import type { Budget, Claim } from "./budget.ts";
import type { LoadOptions } from "./engine.ts";
import { ResourceExhausted } from "./errors.ts";
import { defaultAdapterContexts } from "./estimate.ts";

export interface Reservation<T> {
  bytes: number;
  load: LoadOptions;
  /** What must go first. */
  evicted: T[];
}

/**
 * The best way to load for which there is room, if idle claims go; a smaller way rather than none.
 * Errors: ResourceExhausted, of the smallest way.
 */
export function reserve<T extends Claim>(
  ways: readonly LoadOptions[],
  estimate: (load: LoadOptions) => number,
  claims: () => Iterable<T>,
  budget: Budget,
): Reservation<T> {
  let refusal: unknown = new Error("No way to load was given.");
  for (const way of ways) {
    try {
      return roomFor(way, estimate, claims, budget);
    } catch (error) {
      if (!(error instanceof ResourceExhausted)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** With fewer contexts for adapters rather than by unloading something; with one at least. */
function roomFor<T extends Claim>(
  way: LoadOptions,
  estimate: (load: LoadOptions) => number,
  claims: () => Iterable<T>,
  budget: Budget,
): Reservation<T> {
  for (let adapterContexts = way.adapterContexts ?? defaultAdapterContexts; ; adapterContexts--) {
    const load: LoadOptions = { ...way, adapterContexts };
    const bytes = estimate(load);
    try {
      const evicted = makeRoom("The model", bytes, claims(), budget);
      if (evicted.length === 0 || adapterContexts <= 1) return { bytes, load, evicted };
    } catch (error) {
      if (!(error instanceof ResourceExhausted) || adapterContexts <= 1) throw error;
    }
  }
}
