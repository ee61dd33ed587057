import { engineEvents } from "@hearth/wire/hub/serving-statistics";
import { operation } from "../../operation.ts";

export const listEngineEvents = operation({
  method: "GET",
  path: "/serving/events",
  name: "listEngineEvents",
  summary: "The last 200 loads, evictions and crashes since the start of the hub, the newest first",
  tag: "serving",
  responses: { 200: { description: "The events", schema: engineEvents } },
  handle: async ({ services }) => ({ items: await services.servingFigures.events() }),
});
