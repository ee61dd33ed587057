import { inTree } from "../../../artifacts/location.ts";
import { HearthError } from "../../../errors.ts";
import { required } from "../../required.ts";
import { contentTypeOf } from "../../files/content-type.ts";
import { presentFile } from "../artifacts/present.ts";
import { sendFile } from "../../files/send-file.ts";
import { bool, int32, list, message, missingValue, text } from "../fields.ts";
import { checkMaxResults } from "../max-results.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { presentModel } from "./present.ts";

export const getLoggedModel = mlflowOperation({
  method: "GET",
  path: "/mlflow/logged-models/{model_id}",
  name: "mlflowGetLoggedModel",
  summary: "A model that a program has logged",
  request: { allow_deleted: bool().or(false) },
  handle: async ({ services, params, input }) => {
    const id = required(params, "model_id");
    const model = await services.loggedModels.get(id, { deletedToo: input.allow_deleted });
    return { model: presentModel(model) };
  },
});

const mostModels = 1000;

export const searchLoggedModels = mlflowOperation({
  method: "POST",
  path: "/mlflow/logged-models/search",
  name: "mlflowSearchLoggedModels",
  summary: "Models of some experiments, filtered and ordered",
  request: {
    experiment_ids: list(text().required()),
    filter: text().or(""),
    datasets: list(message({ dataset_name: text().or(""), dataset_digest: text() }).required()),
    max_results: int32().or(0),
    order_by: list(
      message({
        field_name: text().required(),
        ascending: bool().or(true),
        dataset_name: text(),
        dataset_digest: text(),
      }).required(),
    ),
    page_token: text(),
  },
  handle: async ({ services, input }) => {
    if (input.experiment_ids.length === 0) throw missingValue("experiment_ids");
    const limit = checkMaxResults(input.max_results === 0 ? 50 : input.max_results, mostModels);
    const offset = offsetOf(input.page_token);
    const { models, more } = await services.loggedModels.search({
      experimentIds: input.experiment_ids,
      filter: input.filter,
      datasets: input.datasets.map((dataset) => ({
        name: dataset.dataset_name,
        digest: dataset.dataset_digest,
      })),
      orderBy: input.order_by.map((order) => ({
        field: order.field_name,
        ascending: order.ascending,
        dataset:
          order.dataset_name === undefined && order.dataset_digest === undefined
            ? undefined
            : { name: order.dataset_name ?? "", digest: order.dataset_digest },
      })),
      limit,
      offset,
    });
    return {
      ...(models.length === 0 ? {} : { models: models.map(presentModel) }),
      ...(more ? { next_page_token: pageToken(offset + limit) } : {}),
    };
  },
});

export const listLoggedModelArtifacts = mlflowOperation({
  method: "GET",
  path: "/mlflow/logged-models/{model_id}/artifacts/directories",
  name: "mlflowListLoggedModelArtifacts",
  summary: "What is in a folder of a model's files",
  request: { artifact_directory_path: text() },
  handle: async ({ services, params, input }) => {
    const { artifactUri } = await services.loggedModels.get(required(params, "model_id"));
    const folder = input.artifact_directory_path;
    const entries = await services.artifacts.list(inTree(artifactUri, folder));
    const files = entries.map((entry) => presentFile(entry, folder ?? ""));
    return { ...(files.length === 0 ? {} : { files }), root_uri: artifactUri };
  },
});

export const getLoggedModelArtifact = mlflowOperation({
  method: "GET",
  path: "/mlflow/logged-models/{model_id}/artifacts/files",
  name: "mlflowGetLoggedModelArtifact",
  summary: "A file of a model",
  request: { artifact_file_path: text().or("") },
  handle: async ({ services, params, input, ...call }) => {
    if (input.artifact_file_path === "") {
      throw new HearthError(
        "invalid_request",
        'Request must include the "artifact_file_path" query parameter.',
        { details: { mlflow_code: "BAD_REQUEST" } },
      );
    }
    const { artifactUri } = await services.loggedModels.get(required(params, "model_id"));
    const file = await services.artifacts.open(inTree(artifactUri, input.artifact_file_path));
    return await sendFile(file, contentTypeOf(file.name), { ...call, params });
  },
});
