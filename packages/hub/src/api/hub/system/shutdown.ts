import { shutdownResponse } from "@hearth/wire/hub/status";
import { HearthError } from "../../../errors.ts";
import { operation } from "../../operation.ts";

export const shutdown = operation({
  method: "POST",
  path: "/shutdown",
  name: "shutdown",
  summary: "Stop the hub in order; from its own machine only",
  tag: "system",
  responses: {
    202: { description: "Stopping", schema: shutdownResponse },
    403: { description: "Asked from another machine" },
  },
  async handle({ services, local }) {
    if (!local)
      throw new HearthError(
        "forbidden",
        "The hub stops only when asked from its own machine; run hearth stop there.",
      );
    services.operations.shutdown();
    return { stopping: true, pid: process.pid };
  },
});
