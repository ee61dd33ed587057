import { z } from "zod";

/** Kinds of things that change in a hub while somebody looks. */
export const liveTopic = z.enum([
  "models",
  "datasets",
  "jobs",
  "runs",
  "artifacts",
  "traces",
  "evaluations",
  "serving",
  "machine",
]);
export type LiveTopic = z.infer<typeof liveTopic>;

/** That something changed, and which one where that is known; what it is now is asked for as ever. */
export const liveNotice = z.object({ topic: liveTopic, id: z.string().optional() });
export type LiveNotice = z.infer<typeof liveNotice>;

/**
 * Events of `GET /events`; the SSE event name is `type`. `ready` comes first: nothing was missed but what follows.
 * `reset`: anything may have changed since the listener's `Last-Event-ID`, or faster than it was read.
 */
export const liveEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("reset") }),
  liveNotice.extend({ type: z.literal("change") }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;
