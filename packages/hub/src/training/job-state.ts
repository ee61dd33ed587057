import type { JobStatus } from "@hearth/wire/hub/training";

/** The part of a job that decides what may happen to it next. */
export interface JobState {
  status: JobStatus;
  /** Attempts begun; a job that was given back by a hub that stopped cleanly does not count its last one. */
  attempt: number;
  maxRetries: number;
  cancelRequested: boolean;
  /** Of a running job: it is to be paused when its trainer has stopped. */
  pauseRequested: boolean;
}

export type JobChange =
  /** A scheduler takes it. */
  | "lease"
  /** A person wants it to end. */
  | "cancel"
  /** A person wants it to wait, and to keep its place. */
  | "pause"
  | "resume"
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
    if (change === "pause") return { ...state, status: "paused" };
    return change === "cancel" ? { ...state, status: "cancelled", cancelRequested: true } : null;
  }
  if (state.status === "paused") {
    if (change === "resume") return { ...state, status: "queued" };
    return change === "cancel" ? { ...state, status: "cancelled", cancelRequested: true } : null;
  }
  if (state.status !== "running") return null;
  switch (change) {
    case "lease":
      return null;
    case "cancel":
      return { ...state, cancelRequested: true };
    case "pause":
      return state.cancelRequested ? null : { ...state, pauseRequested: true };
    case "resume":
      return state.pauseRequested ? { ...state, pauseRequested: false } : null;
    case "complete":
      return ended(state, "completed");
    case "fail":
      return ended(state, "failed");
    case "cancelled":
      return ended(state, "cancelled");
    case "lost":
      if (state.cancelRequested) return ended(state, "cancelled");
      return state.attempt > state.maxRetries ? ended(state, "failed") : waiting(state);
    case "release":
      if (state.cancelRequested) return ended(state, "cancelled");
      return waiting({ ...state, attempt: state.attempt - 1 });
  }
}

function ended(state: JobState, status: "completed" | "failed" | "cancelled"): JobState {
  return { ...state, status, pauseRequested: false };
}

/** Back to its place; a job that was to be paused stays there. */
function waiting(state: JobState): JobState {
  return { ...state, status: state.pauseRequested ? "paused" : "queued", pauseRequested: false };
}

/** Whether nothing can happen to a job any more. */
export function isFinal(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
