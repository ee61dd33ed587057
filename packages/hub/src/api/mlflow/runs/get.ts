import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { presentWholeRun } from "./present.ts";

export const getRun = mlflowOperation({
  method: "GET",
  path: "/mlflow/runs/get",
  name: "mlflowGetRun",
  summary: "One run with its parameters, tags, latest metrics, inputs and outputs",
  request: { run_id: text().required() },
  handle: async ({ services, input }) => ({
    run: presentWholeRun(await services.runs.readRun(input.run_id)),
  }),
});
