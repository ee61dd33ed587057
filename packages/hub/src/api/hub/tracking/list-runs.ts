import { page, pageQuery } from "@hearth/wire/hub/common";
import { run } from "@hearth/wire/hub/tracking";
import { operation } from "../../operation.ts";

export const listRuns = operation({
  method: "GET",
  path: "/runs",
  name: "listRuns",
  summary: "All runs, newest first",
  tag: "tracking",
  query: pageQuery,
  responses: { 200: { description: "A page of runs", schema: page(run) } },
  handle: ({ services, query }) => services.tracking.runs(query),
});
