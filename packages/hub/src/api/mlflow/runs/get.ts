import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { runIdOf } from "../run-id.ts";
import { runText } from "./run-text.ts";

export const getRun = mlflowOperation({
  method: "GET",
  path: "/mlflow/runs/get",
  name: "mlflowGetRun",
  summary: "One run with its parameters, tags, latest metrics, inputs and outputs",
  request: { run_id: text(), run_uuid: text() },
  handle: async ({ services, input }) => {
    const run = await services.runs.readRunText(runIdOf(input));
    return new Response(`{"run":${runText(run)}}`, { headers: { "content-type": "application/json" } });
  },
});
