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

/**
 * What computes for a trainer was ended from outside (by the system's memory killer, by a person): as if the trainer
 * itself had been, the job is tried again.
 */
export class ComputingProcessLost extends HearthError {
  constructor(words: string) {
    super("unavailable", words);
  }
}

/** Lets messages, signals and timers in: an optimizer step blocks the event loop while it runs. */
export async function breathe(signal: AbortSignal): Promise<void> {
  // Two turns: the first reads from the pipe, the second delivers what was read.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
