import { listModelsQuery, modelPage } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";

export const listModels = operation({
  method: "GET",
  path: "/models",
  name: "listModels",
  summary: "All models, or those with a text in their name, description or base; newest first",
  tag: "models",
  query: listModelsQuery,
  responses: { 200: { description: "A page of models", schema: modelPage } },
  handle: ({ services, query }) => services.models.list(query),
});
