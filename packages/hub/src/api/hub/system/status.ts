import { hubStatus } from "@hearth/wire/hub/status";
import { operation } from "../../operation.ts";

export const getStatus = operation({
  method: "GET",
  path: "/status",
  name: "getStatus",
  summary: "What is loaded, running and queued, and the memory it takes",
  tag: "system",
  responses: { 200: { description: "The status", schema: hubStatus } },
  handle: ({ services }) => services.operations.status(),
});
