import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { ExperimentFrame } from "../experiment-frame.tsx";
import { ViewTabs } from "../view-tabs.tsx";
import { ChartsView } from "./charts-view.tsx";

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
        onSearch={(change) =>
          void navigate({
            search: (before) => ({ ...before, ...change }),
            resetScroll: false,
            // A slider says many things on its way.
            replace: "smoothing" in change,
          })
        }
      />
    </ExperimentFrame>
  );
}
