import type { JobStatus } from "@hearth/wire/hub/training";

/** The part of a job that decides what may happen to it next. */
export interface JobState {
  status: JobStatus;
  /** Attempts begun; a job that was given back by a hub that stopped cleanly does not count its last one. */
  attempt: number;
  maxRetries: number;
  cancelRequested: boolean;
}

export type JobChange =
  /** A scheduler takes it. */
  | "lease"
  /** A person wants it to end. */
  | "cancel"
  /** Its trainer delivered, and the result is kept. */
  | "complete"
  /** It cannot succeed: bad input, loss that is no number, full disk, refused export. */
  | "fail"
  /** Its trainer stopped because of a cancel. */
  | "cancelled"
  /** Its trainer is gone without a word: crashed, killed, silent, or its hub was. */
  | "lost"
  /** Its hub shuts down and stopped the trainer. */
  | "release";

/** The state after a change, or null when the change is not possible in this state. */
export function changeJob(state: JobState, change: JobChange): JobState | null {
  if (state.status === "queued") {
    if (change === "lease") return { ...state, status: "running", attempt: state.attempt + 1 };
    return change === "cancel" ? { ...state, status: "cancelled", cancelRequested: true } : null;
  }
  if (state.status !== "running") return null;
  switch (change) {
    case "lease":
      return null;
    case "cancel":
      return { ...state, cancelRequested: true };
    case "complete":
      return { ...state, status: "completed" };
    case "fail":
      return { ...state, status: "failed" };
    case "cancelled":
      return { ...state, status: "cancelled" };
    case "lost":
      if (state.cancelRequested) return { ...state, status: "cancelled" };
      return { ...state, status: state.attempt > state.maxRetries ? "failed" : "queued" };
    case "release":
      if (state.cancelRequested) return { ...state, status: "cancelled" };
      return { ...state, status: "queued", attempt: state.attempt - 1 };
  }
}

/** Whether nothing can happen to a job any more. */
export function isFinal(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
