import { model } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getModel = operation({
  method: "GET",
  path: "/models/{id}",
  name: "getModel",
  summary: "One model by id or name",
  tag: "models",
  responses: { 200: { description: "The model", schema: model } },
  handle: ({ services, params }) => services.models.get(required(params, "id")),
});
