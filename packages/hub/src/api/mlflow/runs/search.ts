import { int32, list, text } from "../fields.ts";
import { jsonStream } from "../json-stream.ts";
import { checkMaxResults } from "../max-results.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { viewType } from "../view-type.ts";
import { runText } from "./run-text.ts";

export const searchRuns = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/search",
  name: "mlflowSearchRuns",
  summary: "Runs of experiments that match a filter, page by page",
  request: {
    experiment_ids: list(text().required()),
    filter: text().or(""),
    run_view_type: viewType(),
    max_results: int32().or(1000),
    order_by: list(text().required()),
    page_token: text(),
  },
  handle: async ({ services, input, signal }) => {
    const limit = checkMaxResults(input.max_results, 50_000);
    const offset = offsetOf(input.page_token);
    const { runs, more } = await services.runs.search({
      experimentIds: input.experiment_ids,
      filter: input.filter,
      orderBy: input.order_by,
      view: input.run_view_type,
      limit,
      offset,
    });
    const rest = more ? { next_page_token: pageToken(offset + limit) } : {};
    return await jsonStream({ name: "runs", lists: runs, write: runText, rest }, signal);
  },
});
