import { int32, list, text } from "../fields.ts";
import { checkMaxResults } from "../max-results.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { viewType } from "../view-type.ts";
import { presentWholeRun } from "./present.ts";

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
  handle: async ({ services, input }) => {
    const limit = checkMaxResults(input.max_results, 50_000);
    const offset = offsetOf(input.page_token);
    const found = await services.runs.search({
      experimentIds: input.experiment_ids,
      filter: input.filter,
      orderBy: input.order_by,
      view: input.run_view_type,
      limit,
      offset,
    });
    return {
      ...(found.runs.length === 0 ? {} : { runs: found.runs.map(presentWholeRun) }),
      ...(found.more ? { next_page_token: pageToken(offset + limit) } : {}),
    };
  },
});
