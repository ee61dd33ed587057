import { memoryPlan } from "@hearth/wire/hub/serving";
import { operation } from "../../operation.ts";
import { required, requiredNumber } from "../../required.ts";

export const getVersionMemory = operation({
  method: "GET",
  path: "/models/{id}/versions/{version}/memory",
  name: "getVersionMemory",
  summary: "What loading a version would take and what would be unloaded for it; loads nothing",
  tag: "models",
  responses: {
    200: { description: "What it would take", schema: memoryPlan },
    409: { description: "It is not ready" },
  },
  handle: ({ services, params }) =>
    services.serving.memory(required(params, "id"), requiredNumber(params, "version")),
});
