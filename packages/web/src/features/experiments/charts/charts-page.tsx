import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { ExperimentFrame } from "../experiment-frame.tsx";
import { ViewTabs } from "../view-tabs.tsx";
import { ChartsView } from "./charts-view.tsx";
import { viewChange } from "./view-change.ts";

const from = "/experiments/$experimentId/charts";

/** The runs of one experiment as charts. */
export function ChartsPage() {
  const { experimentId } = useParams({ from });
  const search = useSearch({ from });
  const navigate = useNavigate({ from });
  const ids = useMemo(() => [experimentId], [experimentId]);
  return (
    <ExperimentFrame
      experimentId={experimentId}
      tabs={<ViewTabs shown="charts" experiments={experimentId} search={search} />}
    >
      <ChartsView
        experimentIds={ids}
        search={search}
        onSearch={(change) => void navigate(viewChange(change))}
      />
    </ExperimentFrame>
  );
}
