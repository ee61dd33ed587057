import { createContext } from "./platform/context.ts";
import type { Run } from "./run.ts";

/** The run that the running code belongs to. */
export const currentContext = createContext<Run>();

/** The run that the running code belongs to: of `startRun(options, body)`, `run.scope` or `track`. */
export function currentRun(): Run | undefined {
  return currentContext.get();
}
