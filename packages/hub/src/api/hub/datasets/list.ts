import { pageQuery } from "@hearth/wire/hub/common";
import { datasetPage } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";

export const listDatasets = operation({
  method: "GET",
  path: "/datasets",
  name: "listDatasets",
  summary: "All data sets, newest first",
  tag: "datasets",
  query: pageQuery,
  responses: { 200: { description: "A page of data sets", schema: datasetPage } },
  handle: ({ services, query }) => services.datasets.list(query),
});
