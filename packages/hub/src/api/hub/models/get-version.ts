import { modelVersion } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required, requiredNumber } from "../../required.ts";

export const getVersion = operation({
  method: "GET",
  path: "/models/{id}/versions/{version}",
  name: "getVersion",
  summary: "One version with its checksums, metrics and lineage",
  tag: "models",
  responses: { 200: { description: "The version", schema: modelVersion } },
  handle: ({ services, params }) =>
    services.models.version(required(params, "id"), requiredNumber(params, "version")),
});
