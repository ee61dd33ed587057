import { page } from "@hearth/wire/hub/common";
import { experiment, listExperimentsQuery } from "@hearth/wire/hub/experiments";
import { operation } from "../../operation.ts";

export const listHubExperiments = operation({
  method: "GET",
  path: "/experiments",
  name: "listExperiments",
  summary: "Experiments with the number of their runs, those with the newest activity first",
  tag: "tracking",
  query: listExperimentsQuery,
  responses: { 200: { description: "A page of experiments", schema: page(experiment) } },
  handle: ({ services, query }) => services.runs.listExperiments(query),
});
