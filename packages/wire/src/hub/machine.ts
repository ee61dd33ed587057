import { z } from "zod";
import { instant } from "./common.ts";

/** A graphics processor as its own tool tells of it; null is what the tool does not tell. */
export const gpuReading = z.object({
  name: z.string(),
  /** 0 to 100. */
  percent: z.number().nullable(),
  memory_used_bytes: z.int().nullable(),
  /** Null too where it has no memory of its own. */
  memory_total_bytes: z.int().nullable(),
  power_watts: z.number().nullable(),
  power_limit_watts: z.number().nullable(),
  celsius: z.number().nullable(),
});
export type GpuReading = z.infer<typeof gpuReading>;

/** How busy the hub's machine is; null is what cannot be read there, never 0. */
export const machineReading = z.object({
  at: instant,
  platform: z.string(),
  cores: z.int(),
  /** Of all processors since the reading before, 0 to 100; null in the first one. */
  cpu_percent: z.number().nullable(),
  /** Of each processor. */
  cpu_core_percents: z.array(z.number()).nullable(),
  memory_total_bytes: z.int(),
  /** What programs can still take without swapping: page cache counts as available. */
  memory_available_bytes: z.int(),
  /** A machine without swap has a total of 0. */
  swap: z.object({ total_bytes: z.int(), used_bytes: z.int() }).nullable(),
  /** Where the hub's home folder is. */
  disk: z.object({ total_bytes: z.int(), free_bytes: z.int() }).nullable(),
  /** Null: no tool of a maker tells of one. */
  gpus: z.array(gpuReading).nullable(),
  /** The hottest of the processor's sensors. */
  cpu_celsius: z.number().nullable(),
  /** Where the system tells no temperature but whether it slows the processor down for one. */
  thermal_state: z.enum(["nominal", "throttled"]).nullable(),
  /** Processes that want to run, averaged over 1, 5 and 15 minutes; empty where the system does not count. */
  load_average: z.array(z.number()),
});
export type MachineReading = z.infer<typeof machineReading>;

const readings = z.array(z.number().nullable());

/** Readings of the last minutes, the oldest first; the columns are of one length. */
export const machineHistory = z.object({
  interval_seconds: z.number(),
  /** ms since the epoch. */
  at: z.array(z.int()),
  cpu_percent: readings,
  memory_used_bytes: readings,
  /** The busiest of them. */
  gpu_percent: readings,
  /** Of all together. */
  gpu_memory_used_bytes: readings,
  /** The processor's, or the hottest GPU's where it tells none. */
  celsius: readings,
});
export type MachineHistory = z.infer<typeof machineHistory>;

export const machineState = z.object({
  now: machineReading,
  /** What the hub may take of the machine's memory, and what of it is taken. */
  budget: z.object({
    total_bytes: z.int(),
    models_bytes: z.int(),
    /** Reserved by the training job that runs. */
    job_bytes: z.int(),
  }),
  history: machineHistory,
});
export type MachineState = z.infer<typeof machineState>;
