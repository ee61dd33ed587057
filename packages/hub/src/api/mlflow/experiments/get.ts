import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { presentExperiment } from "./present.ts";

export const getExperiment = mlflowOperation({
  method: "GET",
  path: "/mlflow/experiments/get",
  name: "mlflowGetExperiment",
  summary: "One experiment, deleted or not",
  request: { experiment_id: text().required() },
  handle: async ({ services, input }) => ({
    experiment: presentExperiment(await services.experiments.get(input.experiment_id)),
  }),
});
