import { pageQuery } from "@hearth/wire/hub/common";
import { modelEventPage } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const modelHistory = operation({
  method: "GET",
  path: "/models/{id}/history",
  name: "modelHistory",
  summary: "What happened to a model, newest first",
  tag: "models",
  query: pageQuery,
  responses: { 200: { description: "A page of events", schema: modelEventPage } },
  handle: ({ services, params, query }) => services.models.history(required(params, "id"), query),
});
