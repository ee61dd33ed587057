import { machineState } from "@hearth/wire/hub/machine";
import { operation } from "../../operation.ts";

export const getMachine = operation({
  method: "GET",
  path: "/machine",
  name: "getMachine",
  summary: "How busy the hub's machine is, and was in the last ten minutes; what cannot be read is null",
  tag: "system",
  responses: { 200: { description: "The readings", schema: machineState } },
  handle: ({ services }) => services.operations.machine(),
});
