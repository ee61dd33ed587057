import { runningRequests } from "@hearth/wire/hub/serving";
import { operation } from "../../operation.ts";

export const listRunningRequests = operation({
  method: "GET",
  path: "/serving/requests",
  name: "listRunningRequests",
  summary: "Requests that wait or are being answered right now, the oldest first",
  tag: "serving",
  responses: { 200: { description: "The requests", schema: runningRequests } },
  handle: async ({ services }) => ({ items: services.runningRequests.list() }),
});
