import { HearthError } from "../../../errors.ts";
import { compact } from "../compact.ts";
import { list, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";

const maxExperiments = 20;

export const searchDatasets = mlflowOperation({
  method: "POST",
  path: "/mlflow/experiments/search-datasets",
  name: "mlflowSearchRunDatasets",
  summary: "Data that runs of experiments have read",
  request: { experiment_ids: list(text().required()) },
  handle: async ({ services, input }) => {
    const ids = input.experiment_ids;
    if (ids.length === 0) {
      throw new HearthError(
        "invalid_request",
        "SearchDatasets request must specify at least one experiment_id.",
      );
    }
    if (ids.length > maxExperiments) {
      throw new HearthError(
        "invalid_request",
        `SearchDatasets request cannot specify more than ${maxExperiments} experiment_ids. Received ${ids.length} experiment_ids.`,
      );
    }
    const datasets = await services.runs.usedDatasets(ids);
    return compact({
      dataset_summaries: datasets.map(({ experimentId, name, digest, context }) =>
        compact({ experiment_id: experimentId, name, digest, context }),
      ),
    });
  },
});
