import { HearthError } from "../../../errors.ts";
import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { presentExperiment } from "./present.ts";

export const getExperimentByName = mlflowOperation({
  method: "GET",
  path: "/mlflow/experiments/get-by-name",
  name: "mlflowGetExperimentByName",
  summary: "The experiment of a name, deleted or not",
  request: { experiment_name: text().required() },
  handle: async ({ services, input }) => {
    const experiment = await services.experiments.findByName(input.experiment_name);
    if (experiment === undefined) {
      // In the words that MLflow's clients look for.
      throw new HearthError("not_found", `Could not find experiment with name '${input.experiment_name}'`);
    }
    return { experiment: presentExperiment(experiment) };
  },
});
