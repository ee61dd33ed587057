import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { tagList } from "../tag-fields.ts";

export const createExperiment = mlflowOperation({
  method: "POST",
  path: "/mlflow/experiments/create",
  name: "mlflowCreateExperiment",
  summary: "A new experiment",
  request: { name: text().required(), artifact_location: text(), tags: tagList() },
  handle: async ({ services, input }) => ({
    experiment_id: await services.experiments.create({
      name: input.name,
      artifactLocation: input.artifact_location,
      tags: input.tags,
    }),
  }),
});
