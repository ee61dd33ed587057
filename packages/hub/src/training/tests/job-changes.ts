import * as fc from "fast-check";
import type { JobChange } from "../job-state.ts";

/** Complete by its type: a change that is new is one more that properties have to hold for. */
const all: Record<JobChange, true> = {
  lease: true,
  cancel: true,
  pause: true,
  resume: true,
  complete: true,
  fail: true,
  cancelled: true,
  lost: true,
  release: true,
};

export const allChanges = Object.keys(all) as JobChange[];
/** Any change of a job, for property tests. */
export const anyChange = fc.constantFrom(...allChanges);
