import { required } from "../../required.ts";
import { int32, list, missingValue, text } from "../fields.ts";
import { checkMaxResults } from "../max-results.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { parseTags } from "./json-text.ts";
import { presentDataset } from "./present.ts";

const versions = ["3.0"] as const;

export const createDataset = mlflowOperation({
  method: "POST",
  path: "/mlflow/datasets/create",
  versions,
  name: "mlflowCreateDataset",
  summary: "A dataset for evaluations, still without records",
  request: { name: text().required(), experiment_ids: list(text().required()), tags: text() },
  handle: async ({ services, input }) => {
    if (input.name === "") throw missingValue("name");
    const experimentIds = input.experiment_ids;
    const tags = input.tags === undefined ? new Map<string, string>() : parseTags(input.tags);
    const dataset = await services.evaluationDatasets.create({ name: input.name, experimentIds, tags });
    return { dataset: presentDataset(dataset, experimentIds) };
  },
});

export const getDataset = mlflowOperation({
  method: "GET",
  path: "/mlflow/datasets/{dataset_id}",
  versions,
  name: "mlflowGetDataset",
  summary: "A dataset for evaluations",
  handle: async ({ services, params }) => ({
    dataset: presentDataset(await services.evaluationDatasets.get(required(params, "dataset_id"))),
  }),
});

export const deleteDataset = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/datasets/{dataset_id}",
  versions,
  name: "mlflowDeleteDataset",
  summary: "Removes a dataset with its records",
  handle: async ({ services, params }) => {
    await services.evaluationDatasets.remove(required(params, "dataset_id"));
    return undefined;
  },
});

const mostDatasets = 1000;

function searching(method: "GET" | "POST") {
  return mlflowOperation({
    method,
    path: "/mlflow/datasets/search",
    versions,
    name: method === "POST" ? "mlflowSearchDatasets" : "mlflowSearchDatasetsByQuery",
    summary: "Datasets for evaluations, filtered and ordered",
    request: {
      experiment_ids: list(text().required()),
      filter_string: text().or(""),
      max_results: int32().or(0),
      order_by: list(text().required()),
      page_token: text(),
    },
    handle: async ({ services, input }) => {
      const limit = checkMaxResults(input.max_results === 0 ? mostDatasets : input.max_results, mostDatasets);
      const offset = offsetOf(input.page_token);
      const { datasets, more } = await services.evaluationDatasets.search({
        experimentIds: input.experiment_ids,
        filter: input.filter_string,
        orderBy: input.order_by,
        limit,
        offset,
      });
      return {
        ...(datasets.length === 0 ? {} : { datasets: datasets.map((dataset) => presentDataset(dataset)) }),
        ...(more ? { next_page_token: pageToken(offset + limit) } : {}),
      };
    },
  });
}
export const searchDatasets = searching("POST");
export const searchDatasetsByQuery = searching("GET");

export const setDatasetTags = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/datasets/{dataset_id}/tags",
  versions,
  name: "mlflowSetDatasetTags",
  summary: "Sets tags of a dataset",
  request: { tags: text().required() },
  handle: async ({ services, params, input }) => {
    await services.evaluationDatasets.setTags(required(params, "dataset_id"), parseTags(input.tags));
    return undefined;
  },
});

export const deleteDatasetTag = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/datasets/{dataset_id}/tags/{key}",
  versions,
  name: "mlflowDeleteDatasetTag",
  summary: "Removes one tag of a dataset",
  handle: async ({ services, params }) => {
    await services.evaluationDatasets.deleteTag(required(params, "dataset_id"), required(params, "key"));
    return undefined;
  },
});

export const getDatasetExperiments = mlflowOperation({
  method: "GET",
  path: "/mlflow/datasets/{dataset_id}/experiment-ids",
  versions,
  name: "mlflowGetDatasetExperiments",
  summary: "The experiments that a dataset belongs to",
  handle: async ({ services, params }) => {
    const ids = await services.evaluationDatasets.experimentsOf(required(params, "dataset_id"));
    return ids.length === 0 ? {} : { experiment_ids: ids };
  },
});

export const addDatasetToExperiments = mlflowOperation({
  method: "POST",
  path: "/mlflow/datasets/{dataset_id}/add-experiments",
  versions,
  name: "mlflowAddDatasetToExperiments",
  summary: "Makes a dataset belong to more experiments",
  request: { experiment_ids: list(text().required()) },
  handle: async ({ services, params, input }) => {
    const id = required(params, "dataset_id");
    return {
      dataset: presentDataset(await services.evaluationDatasets.addExperiments(id, input.experiment_ids)),
    };
  },
});

export const removeDatasetFromExperiments = mlflowOperation({
  method: "POST",
  path: "/mlflow/datasets/{dataset_id}/remove-experiments",
  versions,
  name: "mlflowRemoveDatasetFromExperiments",
  summary: "Makes a dataset belong to fewer experiments",
  request: { experiment_ids: list(text().required()) },
  handle: async ({ services, params, input }) => {
    const id = required(params, "dataset_id");
    const dataset = await services.evaluationDatasets.removeExperiments(id, input.experiment_ids);
    return { dataset: presentDataset(dataset) };
  },
});
