import { datasetVersions } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getDatasetVersions = operation({
  method: "GET",
  path: "/datasets/{id}/versions",
  name: "getDatasetVersions",
  summary: "All versions of a data set, the newest first",
  tag: "datasets",
  responses: { 200: { description: "All versions, the newest first", schema: datasetVersions } },
  handle: ({ services, params }) => services.datasets.versions(required(params, "id")),
});
