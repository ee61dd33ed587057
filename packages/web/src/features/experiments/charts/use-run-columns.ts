import { useQuery } from "@tanstack/react-query";
import type { RunColumns } from "@hearth/wire/hub/experiments";
import type { SearchRunsAnswer } from "@hearth/wire/hub/runs-table";
import { useEffect, useRef } from "react";
import { runColumns } from "../table/run-queries.ts";

/** A run that goes on may log what no run has logged before. */
const lookAgainMs = 5_000;

/**
 * Names of what the runs have, looked at again when runs come, go on or end, and not at each change: to read them
 * costs the hub more than the runs do.
 */
export function useRunColumns(
  experimentIds: readonly string[],
  runs: SearchRunsAnswer | undefined,
): RunColumns | undefined {
  const going = runs?.items.some(({ ended_at }) => ended_at === null) === true;
  const { data, refetch } = useQuery({
    ...runColumns(experimentIds),
    refetchInterval: going ? lookAgainMs : false,
  });
  const state = runs?.items.map(({ id, ended_at }) => `${id} ${ended_at}`).join();
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== undefined && before.current !== state) void refetch();
    before.current = state;
  }, [state, refetch]);
  return data;
}
