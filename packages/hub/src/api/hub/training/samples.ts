import { trainingSamples } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getJobSamples = operation({
  method: "GET",
  path: "/training/jobs/{id}/samples",
  name: "jobSamples",
  summary: "What the model said to the job's sample prompts as it was trained",
  tag: "training",
  responses: { 200: { description: "Samples by step, then by prompt", schema: trainingSamples } },
  handle: async ({ services, params }) => ({
    samples: await services.training.samples(required(params, "id")),
  }),
});
