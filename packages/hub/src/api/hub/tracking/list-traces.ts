import { page, pageQuery } from "@hearth/wire/hub/common";
import { trace } from "@hearth/wire/hub/inference";
import { operation } from "../../operation.ts";

export const listTraces = operation({
  method: "GET",
  path: "/traces",
  name: "listTraces",
  summary: "All recorded generations, newest first",
  tag: "tracking",
  query: pageQuery,
  responses: { 200: { description: "A page of traces", schema: page(trace) } },
  handle: ({ services, query }) => services.tracking.traces(query),
});
