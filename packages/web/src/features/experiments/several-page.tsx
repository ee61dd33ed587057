import { useNavigate, useSearch } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { RunsView } from "./table/runs-view.tsx";

const from = "/compare-experiments/s";

/** The runs of several experiments in one table. */
export function SeveralPage() {
  const search = useSearch({ from });
  const navigate = useNavigate({ from });
  const { experiments } = search;
  return (
    <>
      <PageHeader
        title={`${experiments.length} experiments`}
        description={`Runs of the experiments ${experiments.join(", ")}`}
      />
      {experiments.length === 0 ? (
        <EmptyState title="No experiment is named in this address" />
      ) : (
        <RunsView
          experimentIds={experiments}
          search={search}
          onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
        />
      )}
    </>
  );
}
