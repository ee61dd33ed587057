import { datasetStatisticsQuery, datasetStatisticsResponse } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getDatasetStatistics = operation({
  method: "GET",
  path: "/datasets/{id}/statistics",
  name: "getDatasetStatistics",
  summary: "Labels, lengths, rows that come again, and tokens of a model, counted over all rows",
  tag: "datasets",
  query: datasetStatisticsQuery,
  responses: { 200: { description: "Counted over all rows", schema: datasetStatisticsResponse } },
  handle: async ({ services, params, query: { model, ...query }, signal }) => {
    const id = required(params, "id");
    const [rows, tokens] = await Promise.all([
      services.datasets.statistics(id, signal),
      model === undefined ? null : services.training.tokenStatistics(id, { ...query, model }, signal),
    ]);
    return { ...rows, tokens };
  },
});
