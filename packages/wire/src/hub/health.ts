import { z } from "zod";
import { engineState } from "./serving.ts";

export const health = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  uptime_seconds: z.number(),
  database: z.enum(["ok", "unreachable"]),
  jobs: z.object({ queued: z.int(), running: z.int() }),
  engines: z.array(engineState),
  memory: z.object({ hub_bytes: z.int(), budget_bytes: z.int(), used_bytes: z.int() }),
});
export type Health = z.infer<typeof health>;
