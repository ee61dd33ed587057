import { int64, list, text, type MessageOf } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { checkMaxResults } from "../max-results.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import type { Services } from "../../services.ts";
import { viewType } from "../view-type.ts";
import { presentExperiment } from "./present.ts";

const request = {
  // MLflow's server wants it named.
  max_results: int64().or(0),
  page_token: text(),
  filter: text().or(""),
  order_by: list(text().required()),
  view_type: viewType(),
};

async function search({ services, input }: { services: Services; input: MessageOf<typeof request> }) {
  const limit = checkMaxResults(input.max_results, 50_000);
  const offset = offsetOf(input.page_token);
  const { filter, order_by: orderBy, view_type: view } = input;
  const found = await services.experiments.search({ filter, orderBy, view, limit, offset });
  return {
    ...(found.experiments.length === 0 ? {} : { experiments: found.experiments.map(presentExperiment) }),
    ...(found.more ? { next_page_token: pageToken(offset + limit) } : {}),
  };
}

const searchExperiments = {
  path: "/mlflow/experiments/search",
  summary: "Experiments that match a filter, page by page",
  request,
  handle: search,
};

export const postSearchExperiments = mlflowOperation({
  ...searchExperiments,
  method: "POST",
  name: "mlflowSearchExperiments",
});

export const getSearchExperiments = mlflowOperation({
  ...searchExperiments,
  method: "GET",
  name: "mlflowSearchExperimentsByQuery",
});
