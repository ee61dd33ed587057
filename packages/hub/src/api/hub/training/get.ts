import { trainingJob } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getJob = operation({
  method: "GET",
  path: "/training/jobs/{id}",
  name: "getJob",
  summary: "One job with its progress",
  tag: "training",
  responses: { 200: { description: "The job", schema: trainingJob } },
  handle: ({ services, params }) => services.training.get(required(params, "id")),
});
