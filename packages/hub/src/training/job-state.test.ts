import * as fc from "fast-check";
import { expect, test } from "vitest";
import { changeJob, isFinal } from "./job-state.ts";
import type { JobState } from "./job-state.ts";
import { allChanges, anyChange } from "./tests/job-changes.ts";

test("whatever happens to a job, its state stays sound", () => {
  fc.assert(
    fc.property(
      fc.array(anyChange, { maxLength: 40 }),
      fc.integer({ min: 0, max: 4 }),
      (history, maxRetries) => {
        let state: JobState = {
          status: "queued",
          attempt: 0,
          maxRetries,
          cancelRequested: false,
          pauseRequested: false,
        };
        let counted = 0;
        for (const step of history) {
          const next = changeJob(state, step);
          if (isFinal(state.status)) expect(next).toBeNull();
          if (next === null) continue;
          if (step === "lease") counted += 1;
          if (step === "release" && (next.status === "queued" || next.status === "paused")) counted -= 1;
          expect(next.attempt).toBe(
            next.status === "cancelled" && step === "release" ? state.attempt : counted,
          );
          // Only a lease makes it run, and never more often than first attempt and retries.
          if (next.status === "running") expect(state.status === "running" || step === "lease").toBe(true);
          expect(next.attempt).toBeLessThanOrEqual(maxRetries + 1);
          // A wish to pause is kept until the trainer has stopped, and nothing but a resumption takes it back.
          if (state.pauseRequested && next.status === "running" && step !== "resume")
            expect(next.pauseRequested).toBe(true);
          if (state.pauseRequested && !isFinal(next.status) && next.status !== "running")
            expect(next.status).toBe("paused");
          if (state.status === "paused") expect(["resume", "cancel"]).toContain(step);
          // A wish to cancel is never forgotten: such a job does not go back to the queue.
          if (state.cancelRequested)
            expect(
              next.cancelRequested && ["running", "completed", "failed", "cancelled"].includes(next.status),
            ).toBe(true);
          if (step === "lost" && !state.cancelRequested) {
            const back = state.pauseRequested ? "paused" : "queued";
            expect(next.status).toBe(state.attempt > maxRetries ? "failed" : back);
          }
          state = next;
        }
      },
    ),
  );
});

test("every change is possible from some state, so none is dead", () => {
  const states: JobState[] = [
    { status: "queued", attempt: 0, maxRetries: 2, cancelRequested: false, pauseRequested: false },
    { status: "running", attempt: 1, maxRetries: 2, cancelRequested: false, pauseRequested: false },
    { status: "paused", attempt: 1, maxRetries: 2, cancelRequested: false, pauseRequested: false },
  ];
  for (const step of allChanges) expect(states.some((state) => changeJob(state, step) !== null)).toBe(true);
});
