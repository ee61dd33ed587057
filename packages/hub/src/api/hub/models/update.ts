import { model, updateModelRequest } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const updateModel = operation({
  method: "PATCH",
  path: "/models/{id}",
  name: "updateModel",
  summary: "Change a model's description, task type or tags",
  tag: "models",
  body: updateModelRequest,
  responses: { 200: { description: "The model as it is now", schema: model } },
  handle: ({ services, params, body }) => services.models.update(required(params, "id"), body),
});
