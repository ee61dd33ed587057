import type { Method } from "../../operation.ts";
import { int64, list, text, wrongValue } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { presentModel, presentVersion } from "./present.ts";

const defaultResults = 100;
const mostResults = 1000;

export const getRegisteredModel = mlflowOperation({
  method: "GET",
  path: "/mlflow/registered-models/get",
  name: "mlflowGetRegisteredModel",
  summary: "A registered model, with the latest version of each stage",
  request: { name: text().required() },
  handle: async ({ services, input }) => ({
    registered_model: presentModel(await services.registeredModels.get(input.name)),
  }),
});

export const searchRegisteredModels = mlflowOperation({
  method: "GET",
  path: "/mlflow/registered-models/search",
  name: "mlflowSearchRegisteredModels",
  summary: "Registered models that a filter finds",
  request: {
    filter: text().or(""),
    max_results: int64().or(defaultResults),
    order_by: list(text().required()),
    page_token: text(),
  },
  handle: async ({ services, input }) => {
    const { max_results: maxResults, order_by: orderBy, filter } = input;
    // MLflow answers 0 with an empty page.
    if (maxResults < 0 || maxResults > mostResults) {
      throw wrongValue(String(maxResults), "max_results", `It must be from 0 to ${mostResults}.`);
    }
    const offset = offsetOf(input.page_token);
    const { models, more } = await services.registeredModels.search({ filter, orderBy, maxResults, offset });
    return {
      ...(models.length === 0 ? {} : { registered_models: models.map(presentModel) }),
      ...(more ? { next_page_token: pageToken(offset + maxResults) } : {}),
    };
  },
});

function latestVersions(method: Method, name: string) {
  return mlflowOperation({
    method,
    path: "/mlflow/registered-models/get-latest-versions",
    name,
    summary: "The latest version of each stage",
    request: { name: text().required(), stages: list(text().required()) },
    handle: async ({ services, input }) => {
      const versions = await services.registeredModels.latestVersions(input.name, input.stages);
      return versions.length === 0 ? {} : { model_versions: versions.map(presentVersion) };
    },
  });
}

export const postLatestVersions = latestVersions("POST", "mlflowPostLatestVersions");
export const getLatestVersions = latestVersions("GET", "mlflowGetLatestVersions");

export const getModelVersionByAlias = mlflowOperation({
  method: "GET",
  path: "/mlflow/registered-models/alias",
  name: "mlflowGetModelVersionByAlias",
  summary: "The version that an alias points to",
  request: { name: text().required(), alias: text().required() },
  handle: async ({ services, input }) => ({
    model_version: presentVersion(await services.registeredModels.byAlias(input.name, input.alias)),
  }),
});
