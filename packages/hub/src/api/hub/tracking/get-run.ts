import { run } from "@hearth/wire/hub/tracking";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getRun = operation({
  method: "GET",
  path: "/runs/{id}",
  name: "getRun",
  summary: "One run with its parameters, tags and latest metrics",
  tag: "tracking",
  responses: { 200: { description: "The run", schema: run } },
  handle: ({ services, params }) => services.tracking.run(required(params, "id")),
});
