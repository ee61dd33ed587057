import { experiment, runColumns } from "@hearth/wire/hub/experiments";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getHubExperiment = operation({
  method: "GET",
  path: "/experiments/{id}",
  name: "getExperiment",
  summary: "One experiment with the number of its runs",
  tag: "tracking",
  responses: { 200: { description: "The experiment", schema: experiment } },
  handle: ({ services, params }) => services.runs.readExperiment(required(params, "id")),
});

export const getRunColumns = operation({
  method: "GET",
  path: "/experiments/{id}/columns",
  name: "getRunColumns",
  summary: "Names of the params, metrics and tags that the newest runs of an experiment use",
  tag: "tracking",
  responses: { 200: { description: "The names", schema: runColumns } },
  handle: ({ services, params }) => services.runs.columns(required(params, "id")),
});
