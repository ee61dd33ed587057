import { datasetRows, datasetRowsQuery } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getDatasetRows = operation({
  method: "GET",
  path: "/datasets/{id}/rows",
  name: "getDatasetRows",
  summary: "Some rows of a split",
  tag: "datasets",
  query: datasetRowsQuery,
  responses: { 200: { description: "Some rows of a split", schema: datasetRows } },
  handle: ({ services, params, query, signal }) =>
    services.datasets.rows(required(params, "id"), query, signal),
});
