import type { JobEvent, TrainingJob } from "@hearth/wire/hub/training";
import { isFinal } from "./job-state.ts";

/** Events that a slow listener may lag behind; older log lines are dropped beyond it. */
const lagLimit = 1_000;

interface Listener {
  waiting: JobEvent[];
  wake: () => void;
}

/** What happens to jobs, told to everybody who follows one. */
export class JobEvents {
  readonly #listeners = new Map<string, Set<Listener>>();

  readonly #onEvent: (jobId: string) => void;

  /** `onEvent` is told of each event but lines of logs. */
  constructor(onEvent: (jobId: string) => void = () => undefined) {
    this.#onEvent = onEvent;
  }

  publish(jobId: string, event: JobEvent): void {
    if (event.type !== "log") this.#onEvent(jobId);
    for (const listener of this.#listeners.get(jobId) ?? []) {
      push(listener.waiting, event);
      listener.wake();
    }
  }

  /**
   * The job's present state first, then every change until its end or the signal.
   * Progress that was not read in time is replaced by the newer one.
   */
  async *follow(
    jobId: string,
    current: () => Promise<TrainingJob>,
    signal: AbortSignal,
  ): AsyncGenerator<JobEvent, void, void> {
    const listener: Listener = { waiting: [], wake: () => undefined };
    const listeners = this.#listeners.get(jobId) ?? new Set();
    this.#listeners.set(jobId, listeners.add(listener));
    const onAbort = (): void => listener.wake();
    signal.addEventListener("abort", onAbort);
    try {
      // Listening begins before the state is read, so that nothing falls between the two.
      const job = await current();
      yield { type: "status", job };
      if (isFinal(job.status)) return;
      while (!signal.aborted) {
        const event = listener.waiting.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => (listener.wake = resolve));
          continue;
        }
        yield event;
        if (event.type === "status" && isFinal(event.job.status)) return;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(jobId);
    }
  }
}

function push(waiting: JobEvent[], event: JobEvent): void {
  const last = waiting.at(-1);
  if (event.type === "progress" && last?.type === "progress") waiting[waiting.length - 1] = event;
  else waiting.push(event);
  if (waiting.length <= lagLimit) return;
  const oldestLog = waiting.findIndex((item) => item.type === "log");
  waiting.splice(oldestLog === -1 ? 0 : oldestLog, 1);
}
