import { estimateJobRequest, jobEstimate } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";

export const estimateJob = operation({
  method: "POST",
  path: "/training/estimate",
  name: "estimateJob",
  summary: "What a training job would need, after the same checks as its creation; nothing is stored",
  tag: "training",
  body: estimateJobRequest,
  responses: { 200: { description: "Memory, disk, steps and time", schema: jobEstimate } },
  handle: ({ services, body, signal }) => services.training.estimate(body, signal),
});
