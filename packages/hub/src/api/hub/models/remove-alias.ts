import { model } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const removeAlias = operation({
  method: "DELETE",
  path: "/models/{id}/aliases/{alias}",
  name: "removeAlias",
  summary: "Remove an alias",
  tag: "models",
  responses: { 200: { description: "The model as it is now", schema: model } },
  handle: ({ services, params }) =>
    services.models.removeAlias(required(params, "id"), required(params, "alias")),
});
