import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const deleteDataset = operation({
  method: "DELETE",
  path: "/datasets/{id}",
  name: "deleteDataset",
  summary: "Delete a data set and the hub's copy of its files",
  tag: "datasets",
  responses: { 204: { description: "Deleted" }, 409: { description: "A job or a version uses it" } },
  handle: ({ services, params }) => services.datasets.remove(required(params, "id")),
});
