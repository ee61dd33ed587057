import { int64, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { tagList } from "../tag-fields.ts";
import { presentNewRun } from "./present.ts";

export const createRun = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/create",
  name: "mlflowCreateRun",
  summary: "Starts a run",
  request: {
    experiment_id: text().or("0"),
    user_id: text(),
    run_name: text(),
    start_time: int64(),
    tags: tagList(),
  },
  handle: async ({ services, input }) => {
    const run = await services.runs.startRun({
      experimentId: input.experiment_id,
      userId: input.user_id,
      name: input.run_name,
      startedAt: input.start_time,
      tags: input.tags,
    });
    return { run: presentNewRun(run) };
  },
});
