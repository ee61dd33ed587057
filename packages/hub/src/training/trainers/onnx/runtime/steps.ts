import type { StepScalars } from "../model/adamw.ts";
import type { CheckedBatch } from "./batch.ts";
import type { Sessions } from "./sessions.ts";
import type { State } from "./state.ts";

/** How a program makes optimizer steps, and where it keeps what they change. */
export interface Steps extends AsyncDisposable {
  readonly state: State;
  /**
   * One optimizer step over some micro-batches. Where the norm is not finite nothing has changed.
   *
   * @param weight of each scored token in the loss
   */
  step(
    sessions: Sessions,
    batches: readonly CheckedBatch[],
    weight: number,
    scalars: StepScalars,
  ): Promise<{ loss: number; gradientNorm: number }>;
}
