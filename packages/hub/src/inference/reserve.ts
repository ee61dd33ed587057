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

export interface Wanted<T extends Claim> {
  /** The best first. */
  ways: readonly LoadOptions[];
  /** Bytes. */
  estimate: (load: LoadOptions) => number;
  claims: () => Iterable<T>;
  budget: Budget;
}

/**
 * The best way to load for which there is room, if idle claims go; a smaller way rather than none.
 * Errors: ResourceExhausted, of the smallest way.
 */
export function reserve<T extends Claim>(wanted: Wanted<T>): Reservation<T> {
  let refusal: unknown = new Error("No way to load was given.");
  for (const way of wanted.ways) {
    try {
      return roomFor(way, wanted);
    } catch (error) {
      if (!(error instanceof ResourceExhausted)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** With fewer contexts for adapters rather than by unloading something; with one at least. */
function roomFor<T extends Claim>(way: LoadOptions, { estimate, claims, budget }: Wanted<T>): Reservation<T> {
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
