import { runDetails } from "@hearth/wire/hub/run-details";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getRun = operation({
  method: "GET",
  path: "/runs/{id}",
  name: "getRun",
  summary: "One run with its parameters, tags and latest metrics",
  tag: "tracking",
  responses: { 200: { description: "The run", schema: runDetails } },
  handle: ({ services, params }) => services.runs.runDetails(required(params, "id")),
});
