import { trainingJob } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const cancelJob = operation({
  method: "POST",
  path: "/training/jobs/{id}/cancel",
  name: "cancelJob",
  summary: "Cancel a queued or running job",
  tag: "training",
  responses: {
    202: { description: "The job; a running one ends after its current step", schema: trainingJob },
  },
  handle: ({ services, params }) => services.training.cancel(required(params, "id")),
});
