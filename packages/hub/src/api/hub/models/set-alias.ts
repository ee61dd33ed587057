import { aliasName } from "@hearth/wire/hub/common";
import { model, setAliasRequest } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { parseInput } from "../../parse-input.ts";
import { required } from "../../required.ts";

export const setAlias = operation({
  method: "PUT",
  path: "/models/{id}/aliases/{alias}",
  name: "setAlias",
  summary: "Point an alias at a version, without a gate",
  tag: "models",
  body: setAliasRequest,
  responses: { 200: { description: "The model as it is now", schema: model } },
  handle: ({ services, params, body }) =>
    services.models.setAlias(
      required(params, "id"),
      parseInput(aliasName, required(params, "alias"), "path"),
      body.version,
    ),
});
