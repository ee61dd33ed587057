import { trainingJob } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const resumeJob = operation({
  method: "POST",
  path: "/training/jobs/{id}/resume",
  name: "resumeJob",
  summary: "Let a paused job go on when its turn comes, from its checkpoint",
  tag: "training",
  responses: { 200: { description: "The job", schema: trainingJob } },
  handle: ({ services, params }) => services.training.resume(required(params, "id")),
});
