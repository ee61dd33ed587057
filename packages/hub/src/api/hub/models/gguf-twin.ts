import { ggufTwinRequest, modelVersion } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required, requiredNumber } from "../../required.ts";

export const makeGgufTwin = operation({
  method: "POST",
  path: "/models/{id}/versions/{version}/gguf-twin",
  name: "makeGgufTwin",
  summary:
    "Give an adapter of a base in MLX's format a version on the same base in GGUF, once that answers alike",
  tag: "models",
  body: ggufTwinRequest,
  responses: { 201: { description: "The new version", schema: modelVersion } },
  handle: ({ services, params, body, signal }) =>
    services.training.ggufTwin(required(params, "id"), requiredNumber(params, "version"), body.base, signal),
});
