import { createJobRequest, trainingJob } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";

export const createJob = operation({
  method: "POST",
  path: "/training/jobs",
  name: "createJob",
  summary: "Queue a training job",
  tag: "training",
  body: createJobRequest,
  responses: { 201: { description: "The queued job", schema: trainingJob } },
  handle: ({ services, body }) => services.training.create(body),
});
