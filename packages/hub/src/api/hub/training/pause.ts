import { trainingJob } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const pauseJob = operation({
  method: "POST",
  path: "/training/jobs/{id}/pause",
  name: "pauseJob",
  summary: "Let a job wait: a running one leaves a checkpoint, frees its memory and keeps its place",
  tag: "training",
  responses: {
    202: { description: "The job; a running one is paused after its current step", schema: trainingJob },
  },
  handle: ({ services, params }) => services.training.pause(required(params, "id")),
});
