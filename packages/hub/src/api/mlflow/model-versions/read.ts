import { int64, list, text } from "../fields.ts";
import { jsonStream } from "../json-stream.ts";
import { checkMaxResults } from "../max-results.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { presentVersion } from "../registered-models/present.ts";

const mostResults = 200_000;

export const getModelVersion = mlflowOperation({
  method: "GET",
  path: "/mlflow/model-versions/get",
  name: "mlflowGetModelVersion",
  summary: "A version of a registered model",
  request: { name: text().required(), version: text().required() },
  handle: async ({ services, input }) => ({
    model_version: presentVersion(await services.registeredModels.versions.get(input.name, input.version)),
  }),
});

export const searchModelVersions = mlflowOperation({
  method: "GET",
  path: "/mlflow/model-versions/search",
  name: "mlflowSearchModelVersions",
  summary: "Versions that a filter finds, the last changed first",
  request: {
    filter: text().or(""),
    max_results: int64().or(mostResults),
    order_by: list(text().required()),
    page_token: text(),
  },
  handle: async ({ services, input, signal }) => {
    const maxResults = checkMaxResults(input.max_results, mostResults);
    const offset = offsetOf(input.page_token);
    const { filter, order_by: orderBy } = input;
    const search = { filter, orderBy, maxResults, offset };
    const { lists, more } = await services.registeredModels.versions.search(search);
    return await jsonStream(
      {
        name: "model_versions",
        lists,
        write: (version) => JSON.stringify(presentVersion(version)),
        rest: more ? { next_page_token: pageToken(offset + maxResults) } : {},
      },
      signal,
    );
  },
});

export const getDownloadUri = mlflowOperation({
  method: "GET",
  path: "/mlflow/model-versions/get-download-uri",
  name: "mlflowGetModelVersionDownloadUri",
  summary: "Where the artifacts of a version can be read",
  request: { name: text().required(), version: text().required() },
  handle: async ({ services, input }) => ({
    artifact_uri: await services.registeredModels.versions.downloadUri(input.name, input.version),
  }),
});
