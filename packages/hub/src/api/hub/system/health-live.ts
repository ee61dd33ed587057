import { z } from "zod";
import { operation } from "../../operation.ts";

export const getLiveness = operation({
  method: "GET",
  path: "/health/live",
  name: "getLiveness",
  summary: "Answers as long as the process runs",
  tag: "system",
  responses: { 200: { description: "Alive", schema: z.object({ status: z.literal("ok") }) } },
  handle: async () => ({ status: "ok" }),
});
