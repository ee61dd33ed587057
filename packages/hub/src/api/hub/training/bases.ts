import { trainingBases } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";

export const listTrainingBases = operation({
  method: "GET",
  path: "/training/bases",
  name: "listTrainingBases",
  summary: "The versions that a training job can start from",
  tag: "training",
  responses: { 200: { description: "References such as `name:3`", schema: trainingBases } },
  handle: async ({ services }) => ({ items: await services.training.bases() }),
});
