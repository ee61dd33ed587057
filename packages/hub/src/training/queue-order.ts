import { sql } from "kysely";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { statusOf } from "./present.ts";

/** Smaller runs earlier, among jobs of one priority. A place is never given twice: moving jobs exchanges the places that they have. */
export const place = sql<number>`coalesce(jobs.position, jobs.sequence)`;

/** Jobs that wait to be taken; those that are paused do not. */
export function waitingJobs(db: Queries) {
  return db.selectFrom("jobs").where("jobs.status", "=", "queued").where("jobs.pause_requested", "=", 0);
}

/** What is to be written of a job that was moved. */
export interface NewPlace {
  id: string;
  position: number;
  priority: number;
}

/**
 * The places of all queued jobs after one was put before another, or last. It takes the priority of the
 * one that it is put before, or the lowest there is: otherwise it would not run there.
 * @throws HearthError `not_found`, `conflict` when one of the two is not queued (any more)
 */
export async function placesAfterMove(db: Queries, id: string, before: string | null): Promise<NewPlace[]> {
  for (const one of before === null ? [id] : [id, before]) await requireQueued(db, one);
  const queued = await waitingJobs(db)
    .select(["id", "priority", place.as("place")])
    .orderBy("priority", "desc")
    .orderBy(place)
    .execute();
  const moved = queued.find((job) => job.id === id);
  if (moved === undefined || before === id) return [];
  const others = queued.filter((job) => job.id !== id);
  const at = before === null ? others.length : others.findIndex((job) => job.id === before);
  const priority = (before === null ? others.at(-1) : others[at])?.priority ?? moved.priority;
  const ordered = others.toSpliced(at, 0, { ...moved, priority });
  const free = queued.map((job) => Number(job.place)).toSorted((a, b) => a - b);
  return ordered.flatMap((job, index) => {
    const position = free[index] ?? Number(job.place);
    const same = position === Number(job.place) && (job.id !== id || priority === moved.priority);
    return same ? [] : [{ id: job.id, position, priority: job.priority }];
  });
}

async function requireQueued(db: Queries, id: string): Promise<void> {
  const row = await db
    .selectFrom("jobs")
    .select(["status", "pause_requested"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw noJob(id);
  const status = statusOf(row);
  if (status === "queued") return;
  throw new HearthError("conflict", `job ${id} is ${status}; only queued jobs have an order`, {
    details: { job_id: id, status },
  });
}

/** The error for an id that no job has. */
export function noJob(id: string): HearthError {
  return new HearthError("not_found", `there is no training job '${id}'; 'hearth jobs' lists them`, {
    details: { job_id: id },
  });
}
