import { useNavigate, useSearch } from "@tanstack/react-router";
import { SeveralFrame } from "./several-frame.tsx";
import { RunsView } from "./table/runs-view.tsx";
import { ViewTabs } from "./view-tabs.tsx";

const from = "/compare-experiments/s";

/** The runs of several experiments in one table. */
export function SeveralPage() {
  const search = useSearch({ from });
  const navigate = useNavigate({ from });
  const { experiments } = search;
  return (
    <SeveralFrame
      experiments={experiments}
      tabs={<ViewTabs shown="table" experiments={experiments} search={search} />}
    >
      <RunsView
        experimentIds={experiments}
        search={search}
        onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
      />
    </SeveralFrame>
  );
}
