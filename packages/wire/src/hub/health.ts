import { z } from "zod";

export const health = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  uptime_seconds: z.number(),
  database: z.enum(["ok", "unreachable"]),
  jobs: z.object({ queued: z.int(), running: z.int() }),
  engines: z.array(
    z.object({ base: z.string(), pid: z.int(), memory_bytes: z.int(), active: z.int(), adapters: z.int() }),
  ),
  memory: z.object({ hub_bytes: z.int(), budget_bytes: z.int(), used_bytes: z.int() }),
});
export type Health = z.infer<typeof health>;
