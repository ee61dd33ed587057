import { page } from "@hearth/wire/hub/common";
import { evaluation, listEvaluationsQuery } from "@hearth/wire/hub/evaluation";
import { operation } from "../../operation.ts";

export const listEvaluations = operation({
  method: "GET",
  path: "/evaluations",
  name: "listEvaluations",
  summary: "All evaluations, or those of a version; newest first",
  tag: "evaluations",
  query: listEvaluationsQuery,
  responses: { 200: { description: "A page of evaluations", schema: page(evaluation) } },
  handle: ({ services, query }) => services.evaluations.list(query),
});
