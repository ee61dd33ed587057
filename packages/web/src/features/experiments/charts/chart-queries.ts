import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { hub } from "../../../hub/hub.ts";
import type { RunSet } from "../table/run-queries.ts";
import { mostRuns, usualCount, type ChartsSearch } from "./charts-search.ts";

/** The runs that the charts of some experiments are about, with the columns that are needed. */
export function runSetOf(
  experimentIds: readonly string[],
  search: ChartsSearch,
  columns: readonly string[],
): RunSet {
  const chosen = search.runs;
  return {
    experiment_ids: [...experimentIds],
    filter:
      chosen === undefined
        ? (search.filter ?? "")
        : `attributes.run_id IN (${chosen.map((id) => `'${id}'`).join(", ")})`,
    order_by: search.order === undefined ? [] : [search.order],
    stage: search.deleted === true ? "deleted" : "active",
    columns: [...columns],
  };
}

/** The first runs of a set, and how many there are. */
export function firstRuns(set: RunSet, search: ChartsSearch) {
  const limit = search.runs === undefined ? (search.show ?? usualCount) : mostRuns;
  return queryOptions({
    queryKey: ["runs", "charts", set, limit],
    queryFn: ({ signal }) => hub.runs.search({ ...set, limit }, { signal }),
    meta: { topics: ["runs"] },
    placeholderData: keepPreviousData,
  });
}
