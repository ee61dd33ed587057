import { z } from "zod";
import { instant } from "./common.ts";

/** Jobs of a higher priority run first; those of one priority in the order that they have in the queue. */
export const namedPriorities = { low: -10, normal: 0, high: 10 } as const;

/** A name, or any whole number between: `low` is -10, `normal` 0 and `high` 10. */
export const jobPriority = z.union([z.enum(["low", "normal", "high"]), z.int().min(-100).max(100)]);
export type JobPriority = z.infer<typeof jobPriority>;

/** The number that a priority stands for. */
export function priorityNumber(priority: JobPriority): number {
  return typeof priority === "number" ? priority : namedPriorities[priority];
}

/** The name of a priority where it has one, else its number. */
export function priorityName(priority: number): string {
  return Object.entries(namedPriorities).find(([, number]) => number === priority)?.[0] ?? String(priority);
}

export const prioritizeJobRequest = z.strictObject({ priority: jobPriority });

/** What watches over a job. */
export const guardKind = z.enum(["not_finite", "loss_spike", "memory", "disk", "cooldown", "sleep"]);
export type GuardKind = z.infer<typeof guardKind>;

/** A guard that acted, and what it did. */
export const jobGuard = z.object({
  kind: guardKind,
  /** `went_back`: the run was put back to a checkpoint; `reported`: nothing else was done. */
  action: z.enum(["reported", "went_back", "waited", "stopped", "refused", "continued"]),
  /** The optimizer step that it was at; null outside of the steps. */
  step: z.int().nullable(),
  /** What was found, with its figures. */
  message: z.string().max(1000),
  at: instant,
});
export type JobGuard = z.infer<typeof jobGuard>;

export const pauseQueueRequest = z.strictObject({
  /** `pause`: running jobs leave a checkpoint and wait in their places; `finish`: they run to their ends. */
  running: z.enum(["pause", "finish"]).default("pause"),
});
export type PauseQueueRequest = z.infer<typeof pauseQueueRequest>;
