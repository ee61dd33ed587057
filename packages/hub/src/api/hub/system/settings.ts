import { hubSettings } from "@hearth/wire/hub/settings";
import { operation } from "../../operation.ts";

export const getSettings = operation({
  method: "GET",
  path: "/settings",
  name: "getSettings",
  summary: "How the hub runs and what sets it, without secrets",
  tag: "system",
  responses: { 200: { description: "The settings in effect", schema: hubSettings } },
  handle: ({ services }) => services.operations.settings(),
});
