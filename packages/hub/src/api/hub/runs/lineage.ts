import { runLineage } from "@hearth/wire/hub/run-details";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getRunLineage = operation({
  method: "GET",
  path: "/runs/{id}/lineage",
  name: "getRunLineage",
  summary: "What a run was made from, what came of it, its parent and its children",
  tag: "tracking",
  responses: { 200: { description: "Data, models, versions, job and related runs", schema: runLineage } },
  handle: ({ services, params }) => services.runs.runLineage(required(params, "id")),
});
