import type { TraceInfo, Tracing } from "../../../tracking/tracing/tracing.ts";
import { int32, list, text, wrongValue, type Field } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { presentInfo, presentOldInfo } from "./present.ts";
import { location, requiredList } from "./requests.ts";

const defaultResults = 100;
const maxResults = 500;

const fields = {
  filter: text().or(""),
  max_results: int32().or(defaultResults),
  order_by: list(text().required()),
  page_token: text().or(""),
};

export const searchTraces = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/search",
  versions: ["3.0"],
  name: "mlflowSearchTraces",
  summary: "Traces that meet a filter",
  request: { ...fields, locations: requiredList(location.required()) },
  handle: async ({ services, input }) => {
    const experimentIds = input.locations.flatMap((one) => one.mlflow_experiment?.experiment_id ?? []);
    return await search(services.tracing, experimentIds, input, presentInfo);
  },
});

export const searchOldTraces = mlflowOperation({
  method: "GET",
  path: "/mlflow/traces",
  name: "mlflowSearchOldTraces",
  summary: "Traces that meet a filter, as clients of MLflow 2 ask",
  request: { ...fields, experiment_ids: requiredList(text().required()) },
  handle: ({ services, input }) => search(services.tracing, input.experiment_ids, input, presentOldInfo),
});

type SearchInput = {
  readonly [Name in keyof typeof fields]: (typeof fields)[Name] extends Field<infer T> ? T : never;
};

async function search(
  tracing: Pick<Tracing, "search">,
  experimentIds: readonly string[],
  input: SearchInput,
  present: (info: TraceInfo) => object,
): Promise<object> {
  const limit = input.max_results;
  if (limit < 1 || limit > maxResults)
    throw wrongValue(limit, "max_results", `It must be between 1 and ${maxResults}.`);
  const offset = offsetOf(input.page_token);
  const { filter, order_by: orderBy } = input;
  const traces = await tracing.search({ experimentIds, filter, orderBy, limit, offset });
  return {
    ...(traces.length === 0 ? {} : { traces: traces.map(present) }),
    ...(traces.length < limit ? {} : { next_page_token: pageToken(offset + limit) }),
  };
}
