import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { changeJob, isFinal } from "./job-state.ts";
import type { JobChange, JobState } from "./job-state.ts";
import { JobQueue } from "./queue.ts";
import { anyChange } from "./tests/job-changes.ts";
import { openRooms } from "./tests/rooms.ts";

describeEachDatabase("the job queue", (open) => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "hearth-queue-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("follows the state machine, in order of arrival, whatever happens", async () => {
    await using rooms = await openRooms(home, {}, undefined, open().database);
    const queue = new JobQueue(rooms.rooms.database);
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) ids.push((await rooms.createJob(name)).id);
    const { db } = rooms.rooms.database;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 2 }), anyChange), { minLength: 5, maxLength: 25 }),
        async (history) => {
          await db
            .updateTable("jobs")
            .set({
              status: "queued",
              attempt: 0,
              cancel_requested: 0,
              pause_requested: 0,
              error: null,
              finished_at: null,
            })
            .execute();
          const model = new Map<string, JobState>(
            ids.map((id) => [
              id,
              { status: "queued", attempt: 0, maxRetries: 2, cancelRequested: false, pauseRequested: false },
            ]),
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
  });

  it("runs the queued in the order that a person gave them; others have no place", async () => {
    await using rooms = await openRooms(home, {}, undefined, open().database);
    const { jobs } = rooms.training;
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) ids.push((await rooms.createJob(name)).id);
    const [a = "", b = "", c = ""] = ids;
    const order = async () => {
      const { items } = await jobs.list({ page: 1, page_size: 10, status: "queued" });
      return items
        .toSorted((one, other) => Number(one.position) - Number(other.position))
        .map(({ id }) => id);
    };
    await jobs.move(c, a);
    expect(await order()).toEqual([c, a, b]);
    await jobs.move(a, null);
    expect(await order()).toEqual([c, b, a]);
    await jobs.move(b, b);
    // One that comes later stands behind them all.
    const d = (await rooms.createJob("d")).id;
    expect(await order()).toEqual([c, b, a, d]);
    const queue = new JobQueue(rooms.rooms.database);
    expect((await queue.lease())?.id).toBe(c);
    expect(await jobs.get(c)).toMatchObject({ position: null });
    await expect(jobs.move(c, null)).rejects.toMatchObject({ code: "conflict" });
    await expect(jobs.move(d, c)).rejects.toMatchObject({ code: "conflict", details: { job_id: c } });
    await expect(jobs.move("nothing", null)).rejects.toMatchObject({ code: "not_found" });
    expect(await order()).toEqual([b, a, d]);
  });

  it("runs a job to its end, and finds those of a hub that is gone by their silence", async () => {
    await using rooms = await openRooms(
      home,
      { exclusive: false, heartbeatTimeoutMs: 1_000, pollMs: 20 },
      undefined,
      open().database,
    );
    const abandoned = await rooms.createJob("abandoned");
    const { db } = rooms.rooms.database;
    // As a hub on another machine left it, long ago.
    await db
      .updateTable("jobs")
      .set({ status: "running", attempt: 1, pid: 1, heartbeat_at: Date.now() - 60_000 })
      .execute();
    const steady = await rooms.createJob("steady");
    await rooms.training.start();
    expect((await rooms.finish(abandoned.id)).job).toMatchObject({ status: "completed", attempt: 2 });
    expect((await rooms.finish(steady.id)).job).toMatchObject({
      status: "completed",
      attempt: 1,
      progress: { step: 4 },
    });
    expect(await rooms.training.jobs.counts()).toEqual({ queued: 0, running: 0 });
    expect(
      await rooms.training.jobs.list({
        page: 1,
        page_size: 10,
        status: "completed",
        model_id: steady.model_id,
      }),
    ).toMatchObject({ total: 1 });
  });

  it("leaves alone what another hub is working on", async () => {
    await using rooms = await openRooms(
      home,
      { exclusive: false, heartbeatTimeoutMs: 60_000, pollMs: 20 },
      undefined,
      open().database,
    );
    const elsewhere = await rooms.createJob("elsewhere");
    await rooms.rooms.database.db
      .updateTable("jobs")
      .set({ status: "running", attempt: 1, heartbeat_at: Date.now() })
      .execute();
    const waiting = await rooms.createJob("steady");
    await rooms.training.start();
    expect(await new JobQueue(rooms.rooms.database).lease()).toBeNull();
    expect(await rooms.training.jobs.get(elsewhere.id)).toMatchObject({ status: "running", attempt: 1 });
    expect(await rooms.training.jobs.get(waiting.id)).toMatchObject({ status: "queued" });
  });
});

function apply(model: Map<string, JobState>, id: string, step: JobChange): boolean {
  const state = model.get(id);
  const next = state === undefined ? null : changeJob(state, step);
  if (next !== null) model.set(id, next);
  return next !== null;
}
