import { servedModel, unloadRequest } from "@hearth/wire/hub/serving";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const unloadModel = operation({
  method: "POST",
  path: "/models/{id}/unload",
  name: "unloadModel",
  summary: "Give a model's memory back, also of a pinned one; a busy one only with `force`",
  tag: "models",
  body: unloadRequest,
  responses: { 200: { description: "It is not loaded any more", schema: servedModel } },
  handle: ({ services, params, body }) => services.serving.unload(required(params, "id"), body),
});
