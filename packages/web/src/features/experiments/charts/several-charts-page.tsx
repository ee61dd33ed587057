import { useNavigate, useSearch } from "@tanstack/react-router";
import { SeveralFrame } from "../several-frame.tsx";
import { ViewTabs } from "../view-tabs.tsx";
import { ChartsView } from "./charts-view.tsx";
import { viewChange } from "./view-change.ts";

const from = "/compare-experiments/s/charts";

/** The runs of several experiments as charts. */
export function SeveralChartsPage() {
  const search = useSearch({ from });
  const navigate = useNavigate({ from });
  const { experiments } = search;
  return (
    <SeveralFrame
      experiments={experiments}
      tabs={<ViewTabs shown="charts" experiments={experiments} search={search} />}
    >
      <ChartsView
        experimentIds={experiments}
        search={search}
        onSearch={(change) => void navigate(viewChange(change))}
      />
    </SeveralFrame>
  );
}
