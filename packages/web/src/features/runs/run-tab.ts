import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { runQuery } from "../../hub/queries.ts";
import type { RunSearch } from "./search.ts";

export const runRoute = "/experiments/$experimentId/runs/$runId";

/** The run that a tab is about; undefined only until it has come, and the page shows tabs after that. */
export function useRun(): RunDetails | undefined {
  const { runId } = useParams({ from: runRoute });
  return useQuery(runQuery(runId)).data;
}

/** What of the view the address holds, and a way to change some of it on the tab that is shown. */
export function useRunView(): { view: RunSearch; change: (some: Partial<RunSearch>) => void } {
  const view = useSearch({ from: runRoute });
  const navigate = useNavigate();
  return {
    view,
    change: (some) => void navigate({ to: ".", search: (before) => ({ ...before, ...some }), replace: true }),
  };
}
