import { jobLog } from "@hearth/wire/hub/training";
import { z } from "zod";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getJobLog = operation({
  method: "GET",
  path: "/training/jobs/{id}/log",
  name: "jobLog",
  summary: "The last lines that a job's trainer said",
  tag: "training",
  query: z.object({ tail: z.coerce.number().int().min(1).max(100_000).default(1000) }),
  responses: { 200: { description: "Lines, the newest last", schema: jobLog } },
  handle: async ({ services, params, query }) => ({
    lines: await services.training.log(required(params, "id"), query.tail),
  }),
});
