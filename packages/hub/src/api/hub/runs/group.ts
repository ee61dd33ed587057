import { groupRunsAnswer, groupRunsRequest } from "@hearth/wire/hub/runs-table";
import { operation } from "../../operation.ts";

export const groupTableRuns = operation({
  method: "POST",
  path: "/runs/groups",
  name: "groupRuns",
  summary: "Runs put together by the value of a parameter or a tag, with the spread of a metric",
  tag: "tracking",
  body: groupRunsRequest,
  responses: { 200: { description: "Groups, the largest first", schema: groupRunsAnswer } },
  handle: ({ services, body }) => services.runs.groups(body),
});
