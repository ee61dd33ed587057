import { queryOptions } from "@tanstack/react-query";
import type { SearchRunsRequest } from "@hearth/wire/hub/runs-table";
import { hub } from "../../../hub/hub.ts";

export const pageSize = 100;
const topics = ["runs"] as const;

/** Which runs, in which order, with which columns. */
export type RunSet = Pick<SearchRunsRequest, "experiment_ids" | "filter" | "order_by" | "stage" | "columns">;

/** One page of the table. */
export function runsPage(set: RunSet, page: number) {
  return queryOptions({
    queryKey: ["runs", "table", set, page],
    queryFn: ({ signal }) =>
      hub.runs.search({ ...set, offset: page * pageSize, limit: pageSize }, { signal }),
    meta: { topics },
  });
}

/** How many runs there are; also where a filter is refused. */
export function runsTotal({ experiment_ids, filter, stage, order_by }: RunSet) {
  return queryOptions({
    queryKey: ["runs", "total", experiment_ids, filter, stage, order_by],
    queryFn: ({ signal }) =>
      hub.runs.search({ experiment_ids, filter, stage, order_by, limit: 0 }, { signal }),
    meta: { topics },
  });
}

/** Names of the columns of some experiments. */
export function runColumns(experimentIds: readonly string[]) {
  return queryOptions({
    queryKey: ["experiments", "columns", experimentIds],
    queryFn: async ({ signal }) => {
      const all = await Promise.all(experimentIds.map((id) => hub.experiments.columns(id, { signal })));
      const union = (of: "params" | "metrics" | "tags") =>
        [...new Set(all.flatMap((one) => one[of]))].toSorted();
      return {
        params: union("params"),
        metrics: union("metrics"),
        tags: union("tags"),
        runs_read: all.reduce((sum, one) => sum + one.runs_read, 0),
      };
    },
    staleTime: 60_000,
  });
}
