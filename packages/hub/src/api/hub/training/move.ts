import { moveJobRequest, trainingJob } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const moveJob = operation({
  method: "POST",
  path: "/training/jobs/{id}/move",
  name: "moveJob",
  summary: "Give a queued job another place in the queue",
  tag: "training",
  body: moveJobRequest,
  responses: { 200: { description: "The job", schema: trainingJob } },
  handle: ({ services, params, body }) => services.training.move(required(params, "id"), body.before),
});
