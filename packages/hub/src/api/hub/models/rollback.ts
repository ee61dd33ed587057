import { rollbackRequest, rollbackResult } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const rollbackAlias = operation({
  method: "POST",
  path: "/models/{id}/rollback",
  name: "rollbackAlias",
  summary: "Give an alias back to the version that held it before",
  tag: "models",
  body: rollbackRequest,
  responses: { 200: { description: "What the alias names now", schema: rollbackResult } },
  handle: ({ services, params, body }) => services.models.rollback(required(params, "id"), body.alias),
});
