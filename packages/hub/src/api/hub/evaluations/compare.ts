import { evaluationComparison } from "@hearth/wire/hub/evaluation";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const compareEvaluations = operation({
  method: "GET",
  path: "/evaluations/{id}/compare/{other}",
  name: "compareEvaluations",
  summary: "What another evaluation on the same rows is ahead by, with paired confidence intervals",
  tag: "evaluations",
  responses: { 200: { description: "Both, and their difference", schema: evaluationComparison } },
  handle: ({ services, params, signal }) =>
    services.evaluations.compare(required(params, "id"), required(params, "other"), signal),
});
