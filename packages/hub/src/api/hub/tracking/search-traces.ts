import { searchTracesQuery, traceSummaryPage } from "@hearth/wire/hub/traces";
import { operation } from "../../operation.ts";

export const searchTraces = operation({
  method: "GET",
  path: "/traces/search",
  name: "searchTraces",
  summary: "Answers of the hub and traces of MLflow's and OpenTelemetry's clients, filtered and sorted",
  tag: "tracking",
  query: searchTracesQuery,
  responses: { 200: { description: "A page of traces", schema: traceSummaryPage } },
  handle: ({ services, query }) => services.tracing.list(query),
});
