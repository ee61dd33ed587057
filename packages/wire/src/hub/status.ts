import { z } from "zod";
import { health } from "./health.ts";
import { machineReading } from "./machine.ts";
import { trainingJob } from "./training.ts";

/** One server of a provider. */
export const providerServer = z.object({
  url: z.string(),
  /** `open`: nothing is sent to it until it gives a sign of life; `half-open`: the next request tries it. */
  state: z.enum(["closed", "open", "half-open"]),
  active: z.int(),
  concurrency: z.int(),
  /** What went wrong last; null when nothing did since. */
  error: z.string().nullable(),
  /** Requests since the start of the hub, by how they ended. */
  requests: z.object({
    ok: z.int(),
    failed: z.int(),
    busy: z.int(),
    refused: z.int(),
    cancelled: z.int(),
  }),
});

export const provider = z.object({
  name: z.string(),
  waiting: z.int(),
  /** Requests that went on to another server. */
  failovers: z.int(),
  /** Names of its models, as far as they are known. */
  models: z.array(z.string()),
  servers: z.array(providerServer),
});
export type ProviderStatus = z.infer<typeof provider>;

/** What the hub is doing right now. */
export const hubStatus = health.extend({
  url: z.string(),
  home: z.string(),
  pid: z.int(),
  inference: z.object({ active: z.int(), queued: z.int() }),
  /** Other servers that this hub answers with. */
  providers: z.array(provider),
  running_job: trainingJob.nullable(),
  queued_jobs: z.array(trainingJob),
  machine: machineReading,
});
export type HubStatus = z.infer<typeof hubStatus>;

export const shutdownResponse = z.object({ stopping: z.literal(true), pid: z.int() });
