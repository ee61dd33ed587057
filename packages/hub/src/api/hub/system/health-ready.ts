import { z } from "zod";
import { HearthError } from "../../../errors.ts";
import { operation } from "../../operation.ts";

export const getReadiness = operation({
  method: "GET",
  path: "/health/ready",
  name: "getReadiness",
  summary: "Answers 200 while the hub takes work",
  tag: "system",
  responses: {
    200: { description: "Ready", schema: z.object({ status: z.literal("ok") }) },
    503: { description: "Starting or stopping" },
  },
  async handle({ services }) {
    if (!services.operations.ready())
      throw new HearthError("unavailable", "The hub is starting or stopping; try again in a moment.");
    return { status: "ok" };
  },
});
