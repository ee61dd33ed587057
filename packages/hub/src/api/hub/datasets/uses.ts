import { datasetUses } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getDatasetUses = operation({
  method: "GET",
  path: "/datasets/{id}/uses",
  name: "getDatasetUses",
  summary: "Versions, jobs and evaluations of a data set",
  tag: "datasets",
  responses: { 200: { description: "Versions, jobs and evaluations of a data set", schema: datasetUses } },
  handle: ({ services, params }) => services.datasets.uses(required(params, "id")),
});
