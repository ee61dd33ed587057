import { pageQuery } from "@hearth/wire/hub/common";
import { modelVersionPage } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const listVersions = operation({
  method: "GET",
  path: "/models/{id}/versions",
  name: "listVersions",
  summary: "A model's versions, newest first",
  tag: "models",
  query: pageQuery,
  responses: { 200: { description: "A page of versions", schema: modelVersionPage } },
  handle: ({ services, params, query }) => services.models.versions(required(params, "id"), query),
});
