import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { changeJob, isFinal } from "./job-state.ts";
import type { JobChange, JobState } from "./job-state.ts";
import { JobQueue } from "./queue.ts";
import { openRooms } from "./tests/rooms.ts";

const changes: JobChange[] = ["lease", "cancel", "complete", "fail", "cancelled", "lost", "release"];
const change = fc.constantFrom(...changes);

test("whatever happens to a job, its state stays sound", () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.integer({ min: 0, max: 4 }),
      (history, maxRetries) => {
        let state: JobState = { status: "queued", attempt: 0, maxRetries, cancelRequested: false };
        let counted = 0;
        for (const step of history) {
          const next = changeJob(state, step);
          if (isFinal(state.status)) expect(next).toBeNull();
          if (next === null) continue;
          if (step === "lease") counted += 1;
          if (step === "release" && next.status === "queued") counted -= 1;
          expect(next.attempt).toBe(
            next.status === "cancelled" && step === "release" ? state.attempt : counted,
          );
          // Only a lease makes it run, and never more often than first attempt and retries.
          if (next.status === "running") expect(state.status === "running" || step === "lease").toBe(true);
          expect(next.attempt).toBeLessThanOrEqual(maxRetries + 1);
          // A wish to cancel is never forgotten: such a job does not go back to the queue.
          if (state.cancelRequested) expect(next.cancelRequested && next.status !== "queued").toBe(true);
          if (step === "lost" && !state.cancelRequested) {
            expect(next.status).toBe(state.attempt > maxRetries ? "failed" : "queued");
          }
          state = next;
        }
      },
    ),
  );
});

test("every change is possible from some state, so none is dead", () => {
  const states: JobState[] = [
    { status: "queued", attempt: 0, maxRetries: 2, cancelRequested: false },
    { status: "running", attempt: 1, maxRetries: 2, cancelRequested: false },
  ];
  for (const step of changes) expect(states.some((state) => changeJob(state, step) !== null)).toBe(true);
});

test("the queue in the database follows the same machine, in order of arrival", async () => {
  const home = mkdtempSync(join(tmpdir(), "hearth-queue-"));
  try {
    await using rooms = await openRooms(home);
    const queue = new JobQueue(rooms.rooms.database);
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) ids.push((await rooms.createJob(name)).id);
    const { db } = rooms.rooms.database;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 2 }), change), { minLength: 5, maxLength: 25 }),
        async (history) => {
          await db
            .updateTable("jobs")
            .set({ status: "queued", attempt: 0, cancel_requested: 0, error: null, finished_at: null })
            .execute();
          const model = new Map<string, JobState>(
            ids.map((id) => [id, { status: "queued", attempt: 0, maxRetries: 2, cancelRequested: false }]),
          );
          for (const [which, step] of history) {
            const id = ids[which] ?? "";
            if (step === "lease") {
              const running = [...model.values()].some((state) => state.status === "running");
              const oldest = ids.find((candidate) => model.get(candidate)?.status === "queued");
              const leased = await queue.lease();
              expect(leased?.id).toBe(running ? undefined : oldest);
              if (leased !== null) apply(model, leased.id, "lease");
              continue;
            }
            const allowed = apply(model, id, step);
            const outcome = await queue.apply(id, step).catch((error: unknown) => error);
            if (!allowed) expect(outcome).toMatchObject({ code: "conflict" });
            const row = await queue.get(id);
            expect(row).toMatchObject({ status: model.get(id)?.status, attempt: model.get(id)?.attempt });
            expect(row.finished_at === null).toBe(!isFinal(row.status));
          }
        },
      ),
      { numRuns: 25 },
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

function apply(model: Map<string, JobState>, id: string, step: JobChange): boolean {
  const state = model.get(id);
  const next = state === undefined ? null : changeJob(state, step);
  if (next !== null) model.set(id, next);
  return next !== null;
}
