import { z } from "zod";

/** Kinds of things that change in a hub while somebody looks. */
export const liveTopic = z.enum([
  "models",
  "datasets",
  "jobs",
  "runs",
  "traces",
  "evaluations",
  "serving",
  "machine",
]);
export type LiveTopic = z.infer<typeof liveTopic>;
