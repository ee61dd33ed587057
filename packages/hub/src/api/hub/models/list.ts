import { pageQuery } from "@hearth/wire/hub/common";
import { modelPage } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";

export const listModels = operation({
  method: "GET",
  path: "/models",
  name: "listModels",
  summary: "All models, newest first",
  tag: "models",
  query: pageQuery,
  responses: { 200: { description: "A page of models", schema: modelPage } },
  handle: ({ services, query }) => services.models.list(query),
});
