import { verifyDatasetResponse } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const verifyDataset = operation({
  method: "POST",
  path: "/datasets/{id}/verify",
  name: "verifyDataset",
  summary: "Hash the hub's copy again and compare",
  tag: "datasets",
  responses: { 200: { description: "Whether every byte is as registered", schema: verifyDatasetResponse } },
  handle: ({ services, params, signal }) => services.datasets.verify(required(params, "id"), signal),
});
