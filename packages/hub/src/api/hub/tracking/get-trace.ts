import { trace } from "@hearth/wire/hub/inference";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getTrace = operation({
  method: "GET",
  path: "/traces/{id}",
  name: "getTrace",
  summary: "One generation: which version, checksum and run it came from",
  tag: "tracking",
  responses: { 200: { description: "The trace", schema: trace } },
  handle: ({ services, params }) => services.tracking.trace(required(params, "id")),
});
