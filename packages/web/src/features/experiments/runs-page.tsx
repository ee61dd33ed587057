import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { ExperimentFrame } from "./experiment-frame.tsx";
import { RunsView } from "./table/runs-view.tsx";
import { ViewTabs } from "./view-tabs.tsx";

const from = "/experiments/$experimentId";

/** The runs of one experiment. */
export function RunsPage() {
  const { experimentId } = useParams({ from });
  const search = useSearch({ from });
  const navigate = useNavigate({ from });
  const ids = useMemo(() => [experimentId], [experimentId]);
  return (
    <ExperimentFrame
      experimentId={experimentId}
      tabs={<ViewTabs shown="table" experiments={experimentId} search={search} />}
    >
      <RunsView
        experimentIds={ids}
        search={search}
        onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
      />
    </ExperimentFrame>
  );
}
