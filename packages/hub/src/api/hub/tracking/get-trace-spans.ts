import { traceDetails } from "@hearth/wire/hub/traces";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getTraceSpans = operation({
  method: "GET",
  path: "/traces/{id}/spans",
  name: "getTraceSpans",
  summary: "One trace with its spans, assessments and tags",
  tag: "tracking",
  responses: { 200: { description: "The trace", schema: traceDetails } },
  handle: ({ services, params }) => services.tracing.details(required(params, "id")),
});
