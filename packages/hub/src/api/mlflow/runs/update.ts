import { enumOf, int64, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { presentRunInfo } from "./present.ts";

export const updateRun = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/update",
  name: "mlflowUpdateRun",
  summary: "Status, end and name of a run",
  request: {
    run_id: text().required(),
    status: enumOf(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]),
    end_time: int64(),
    run_name: text(),
  },
  handle: async ({ services, input }) => {
    const run = await services.runs.changeRun(input.run_id, {
      status: input.status,
      endedAt: input.end_time,
      name: input.run_name,
    });
    return { run_info: presentRunInfo(run) };
  },
});
