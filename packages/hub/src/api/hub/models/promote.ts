import { gateResult, promoteRequest } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const promoteVersion = operation({
  method: "POST",
  path: "/models/{id}/promote",
  name: "promoteVersion",
  summary: "Give a version an alias if it passes the gates",
  tag: "models",
  body: promoteRequest,
  responses: {
    200: { description: "What the gates said; `promoted` tells whether the alias moved", schema: gateResult },
  },
  handle: ({ services, params, body, signal }) =>
    services.models.promote(required(params, "id"), body, signal),
});
