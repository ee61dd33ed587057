import { evaluation } from "@hearth/wire/hub/evaluation";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getEvaluation = operation({
  method: "GET",
  path: "/evaluations/{id}",
  name: "getEvaluation",
  summary: "One evaluation",
  tag: "evaluations",
  responses: { 200: { description: "The evaluation", schema: evaluation } },
  handle: ({ services, params }) => services.evaluations.get(required(params, "id")),
});
