import { searchRunsAnswer, searchRunsRequest } from "@hearth/wire/hub/runs-table";
import { operation } from "../../operation.ts";

export const searchTableRuns = operation({
  method: "POST",
  path: "/runs/search",
  name: "searchRuns",
  summary: "Runs that match a filter in MLflow's language, at any offset, with the number of all",
  tag: "tracking",
  body: searchRunsRequest,
  responses: { 200: { description: "Runs from the offset on", schema: searchRunsAnswer } },
  handle: ({ services, body }) => services.runs.table(body),
});
