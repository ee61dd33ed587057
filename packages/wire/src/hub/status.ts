import { z } from "zod";
import { health } from "./health.ts";
import { trainingJob } from "./training.ts";

/** What the hub is doing right now. */
export const hubStatus = health.extend({
  url: z.string(),
  home: z.string(),
  pid: z.int(),
  inference: z.object({ active: z.int(), queued: z.int() }),
  running_job: trainingJob.nullable(),
  queued_jobs: z.array(trainingJob),
  machine: z.object({
    cores: z.int(),
    memory_total_bytes: z.int(),
    memory_available_bytes: z.int(),
    load_average: z.array(z.number()),
    platform: z.string(),
  }),
});
export type HubStatus = z.infer<typeof hubStatus>;

export const shutdownResponse = z.object({ stopping: z.literal(true), pid: z.int() });
