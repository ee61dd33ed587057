import { dataset } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getDataset = operation({
  method: "GET",
  path: "/datasets/{id}",
  name: "getDataset",
  summary: "One data set by id or name",
  tag: "datasets",
  responses: { 200: { description: "The data set", schema: dataset } },
  handle: ({ services, params }) => services.datasets.get(required(params, "id")),
});
