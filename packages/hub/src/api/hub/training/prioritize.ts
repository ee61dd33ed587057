import { trainingJob } from "@hearth/wire/hub/training";
import { prioritizeJobRequest, priorityNumber } from "@hearth/wire/hub/training-queue";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const prioritizeJob = operation({
  method: "POST",
  path: "/training/jobs/{id}/priority",
  name: "prioritizeJob",
  summary: "Give a job another priority: those of a higher one run first",
  tag: "training",
  body: prioritizeJobRequest,
  responses: { 200: { description: "The job", schema: trainingJob } },
  handle: ({ services, params, body }) =>
    services.training.prioritize(required(params, "id"), priorityNumber(body.priority)),
});
