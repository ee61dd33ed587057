import { trainingJob } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required, requiredNumber } from "../../required.ts";

export const reproduceVersion = operation({
  method: "POST",
  path: "/models/{id}/versions/{version}/reproduce",
  name: "reproduceVersion",
  summary: "Run a version's training again and compare the bytes",
  tag: "models",
  responses: {
    202: { description: "The job; its `identical` and `reproduction` are the outcome", schema: trainingJob },
    409: { description: "A file that it was made from is missing, or another one now" },
  },
  handle: ({ services, params, signal }) =>
    services.training.reproduce(required(params, "id"), requiredNumber(params, "version"), signal),
});
