import { evaluationRows, evaluationRowsQuery } from "@hearth/wire/hub/evaluation";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getEvaluationRows = operation({
  method: "GET",
  path: "/evaluations/{id}/rows",
  name: "getEvaluationRows",
  summary: "Rows of an evaluation: all, or those answered right or wrong, or that could not be measured",
  tag: "evaluations",
  query: evaluationRowsQuery,
  responses: { 200: { description: "Some rows, in their order", schema: evaluationRows } },
  handle: ({ services, params, query }) => services.evaluations.rows(required(params, "id"), query),
});
