import { importVersionRequest, modelVersion } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const importVersion = operation({
  method: "POST",
  path: "/models/{id}/versions",
  name: "importVersion",
  summary: "Add a version from a GGUF file, or a folder with a model for MLX, on the hub's machine",
  tag: "models",
  body: importVersionRequest,
  responses: {
    201: { description: "The version", schema: modelVersion },
    422: { description: "Not a model that can be loaded" },
  },
  handle: ({ services, params, body, signal }) =>
    services.models.importVersion(required(params, "id"), body.path, signal),
});
