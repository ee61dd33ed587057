import { datasetStatistics } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getDatasetStatistics = operation({
  method: "GET",
  path: "/datasets/{id}/statistics",
  name: "getDatasetStatistics",
  summary: "Labels and lengths, counted over all rows",
  tag: "datasets",
  responses: { 200: { description: "Labels and lengths, counted over all rows", schema: datasetStatistics } },
  handle: ({ services, params, signal }) => services.datasets.statistics(required(params, "id"), signal),
});
