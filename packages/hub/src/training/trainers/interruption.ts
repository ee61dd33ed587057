import { HearthError } from "../../errors.ts";

/**
 * Reason of an abort after which the run will be continued: the loop writes a checkpoint before it
 * stops. Any other reason means that the run is not wanted any more.
 */
export class TrainingInterrupted extends HearthError {
  constructor() {
    super(
      "unavailable",
      "The training was interrupted; a checkpoint was written and the job can be continued.",
    );
  }
}

/** Lets messages, signals and timers in: an optimizer step blocks the event loop while it runs. */
export async function breathe(signal: AbortSignal): Promise<void> {
  // Two turns: the first reads from the pipe, the second delivers what was read.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
